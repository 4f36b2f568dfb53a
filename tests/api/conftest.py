"""What pytest leaves to the tests that run it."""

collect_ignore = ["sweep_the_learning_rate.py"]
"""A user's script: it takes its folder from the command line."""
