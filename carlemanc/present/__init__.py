"""Every rendering: results as text, directories of results as HTML and Markdown pages, figures.

Comes in: a frozen result, or a directory that `estimate -o` or `sweep -o` wrote. Goes out: words, tables and SVG.
Nothing is computed here that a result does not say; results find this package by its name (`core.shown`).
"""
