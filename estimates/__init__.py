"""The catalog of estimates: each folder has the spec, the result and a report; `python -m estimates` makes them."""
