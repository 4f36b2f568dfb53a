"""What a quantum method may query, with the numbers it plans by and where the answer stands in what it leaves.

In: a `Lifted` training or a `Given` system, and how tables are read. Out: an `Access`: block encodings, the
preparation of the start, facts (norms, alphas), the place of the answer. `inversion` gives the encoding of L and
b/||b|| (Liu et al., Nature Communications 15:434, 2024), `steps` those of the Carleman steps (Fang, Lin, Tong, Quantum 7, 955,
2023). A method names its opener; a new kind of access is one more file here.
"""
