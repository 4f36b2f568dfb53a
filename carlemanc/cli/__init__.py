"""The command line: one file per verb, each a thin layer over the function of the same name.

Comes in: words and options. Goes out: results on stdout, and only they; progress, warnings and errors on
stderr. `_app.main` is the entry point and the one place where exceptions become exit statuses.
"""
