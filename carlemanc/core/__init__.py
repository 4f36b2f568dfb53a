"""What every room shares: errors, JSON documents, whole files, progress, workers, rounding, the bibliography.

Comes in: nothing of the other rooms. Goes out: small tools that know neither a spec nor a circuit. Imports
nothing outside the standard library, but for `arrays`: numpy. The papers all rooms cite stand in `references.bib`.
"""
