"""Bloqs on single bits that block encodings and state preparation share: lookups, rotations, arithmetic.

Comes in: nothing but sizes, tables and angles. Goes out: Qualtran bloqs whose call graph and decomposition
are two readings of the same gate description (`BitBloq.build`), so a count can never drift from its circuit.
"""
