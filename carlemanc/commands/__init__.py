"""One file a verb: from a spec to a frozen result, through every stage in order.

Comes in: a `ModelSpec`, the path of one, or the name of a packaged example. Goes out: frozen results whose
`to_json()` is what the command of the same name prints with `--json`. The stages are those of [liu2024]. The
only package that knows all of them.
"""
