"""What a quantum method may query, with the numbers it plans by and where the answer stands in what it leaves.

In: a `Lifted` training or a `Given` system, and how tables are read. Out: an `Access`: block encodings, the
preparation of the start, facts (norms, alphas), the place of the answer. `inversion` gives the encoding of L and
b/||b|| [liu2024], `steps` those of the Carleman steps [fang2023]. A method names its opener; a new kind of access is
one more file here.
"""
