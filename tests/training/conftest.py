"""What pytest leaves alone in this folder."""

collect_ignore = ["user_models.py"]
"""A user's module that imports torch: data of the tests, and no test module even for `--doctest-modules`."""
