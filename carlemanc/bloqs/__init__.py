"""Bloqs on single bits that block encodings and state preparation share: lookups, rotations, arithmetic.

Comes in: nothing but sizes, tables and angles. Goes out: Qualtran bloqs whose call graph and decomposition are
two readings of one gate description (`BitBloq.build`), so that a count cannot drift from its circuit. Lookups
follow [babbush2018] and [low2024], ANDs [gidney2018], trees of rotations [grover2002].
"""
