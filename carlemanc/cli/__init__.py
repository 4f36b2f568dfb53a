"""The command line: one file per verb, each a thin layer over the pipeline function of the same name.

stdout carries results only; progress, warnings and errors go to stderr. `_app.main` is the entry point and
the one place where exceptions become exit statuses.
"""
