"""One configuration, evaluated purely: a draft, a design, a price.

In: a `Configuration` and a `Memo`. Out of `draft`: the shares of epsilon that cost least; of `settle`: a `Design` (what
is queried at the bits its share asks for, the plan, the circuit); of the others: ledger, error budget, rotations,
comparison of methods and with classical programs. Knows no command, no file and no method's name. Error budgets:
Beverland et al., arXiv:2211.07629.
"""
