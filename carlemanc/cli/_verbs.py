"""The verbs of the command line, in the order of the help, and what each does."""

from __future__ import annotations

VERBS = {
    "derive": "The polynomial map F_l of a spec and the blocks of A by powers of eta.",
    "analyze": "Regime, certified truncation error, condition number, classical cost.",
    "system": "The classical linear system: L.npz, b.npy, system.json.",
    "compile": "Circuits and their manifest, for each stage and file format.",
    "run": "Compile, run on a simulator, compare theta(T) with gradient descent.",
    "estimate": "Whether it pays: T gates, seconds and qubits beside the classical time; --all adds the ledger.",
    "solvers": "Every linear-system solver's cost for this system, and the cheapest.",
    "optimize": "The configurations that none other beats in T gates, seconds and qubits, each as a spec.",
    "verify": "Columns of the emitted block encoding against the classical operator, at any size.",
    "sweep": "A grid of estimates over any keys, in parallel, resumable.",
    "report": "One self-contained HTML or Markdown page about the results in a directory.",
    "train": "The sparse-training schedule: prune, evolve, download, re-upload.",
    "dissipation": "Hessian spectrum of a spec or a PyTorch model, mode counts, error proxy.",
    "examples": "The packaged specs; their names are accepted wherever a SPEC is.",
    "init": "A spec to start from, with every key explained.",
    "schema": "The JSON schema of a spec.",
}
