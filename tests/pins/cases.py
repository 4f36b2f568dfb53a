"""Which documents are pinned: command lines, in which a word `key=value` stands for `--set key=value`.

What a line leaves out of `tests.fixed.FIXED` is set as there: a document stays, whatever a search would choose.
"""

RING = "quartic-ring model.n=134217728"
PHI4 = "phi4-lattice model.dims=[8192,8192]"
SHAPE = "estimates/synthetic-7m/spec.toml"
LINES = (
    # Every method, its options, and the certificate of each way of reading.
    "estimate quartic-pair",
    "estimate quartic-pair solver.polynomial=absolute compile.memory=qram --gate-set clifford+t",
    "estimate quartic-pair solver.method=kernel readout.norm=linf",
    "estimate quartic-pair solver.method=kernel solver.norm=unknown readout.method=interior-point",
    "estimate cubic-pair solver.method=lcu readout.largest=1",
    "estimate cubic-pair solver.method=hhl solver.epsilon=0.05 --gate-set clifford+t",
    "estimate cubic-pair solver.method=adiabatic --uncompute unitary",
    "estimate quartic-pair solver.method=march compile.ancilla_budget=50",
    "estimate quartic-pair solver.method=auto",
    "estimate quartic-pair solver.amplification=true readout.method=amplitude-estimation",
    "estimate quartic-pair solver.method=march solver.amplification=true readout.method=amplitude-estimation"
    " --gate-set clifford+t",
    # Lattices of any size, syntheses, hardware.
    "estimate quartic-ring model.n=8 carleman.padding=balanced carleman.corrections=1 carleman.rescaling=0.7"
    " readout.method=kerenidis-prakash",
    f"estimate {RING} training.steps=1000 carleman.order=5 compile.synthesis=mixed-fallback",
    f"estimate {RING} solver.method=march training.steps=100 compile.synthesis=phase-gradient",
    f"estimate {RING} solver.method=kernel compile.ancilla_budget=1000 --hardware ion",
    f"estimate {RING} solver.method=lcu solver.amplification=true",
    f"estimate {RING} solver.method=auto training.steps=10",
    f"estimate {PHI4} carleman.padding=3 readout.largest=5",
    "estimate phi4-lattice solver.method=adiabatic readout.norm=linf --gate-set clifford+t",
    # Batches, noise, data, maps, networks, shapes, systems.
    "estimate sgd-diabetes",
    "estimate sgd-diabetes solver.method=march carleman.padding=2",
    "estimate sgd-diabetes solver.method=auto",
    "estimate quartic-ridge-diabetes training.noise=0.01 training.batch_size=100 training.shuffle=true"
    " solver.method=kernel",
    "estimate ridge-diabetes readout.shots=1000 solver.method=hhl",
    "estimate tridiagonal-system",
    "estimate tridiagonal-system solver.method=kernel readout.method=amplitude-estimation --gate-set clifford+t",
    "estimate tridiagonal-system solver.method=auto readout.largest=2",
    f"estimate {SHAPE} solver.method=kernel compile.memory=qram",
    f"estimate {SHAPE} solver.method=march training.steps=3",
    "estimate digits-pruned-net training.steps=2 carleman.order=1 compile.memory=qram",
    "estimate iris-square-net model.address=original solver.method=march",
    "estimate double-well-chain solver.method=lcu",
    "estimate burgers-map readout.method=amplitude-estimation",
    "estimate tanh-neuron compile.ancilla_budget=64 solver.method=kernel",
    # The methods beside each other.
    "solvers quartic-pair",
    f"solvers {RING} training.steps=10 compile.memory=qram",
    f"solvers {PHI4} compile.ancilla_budget=100",
    "solvers sgd-diabetes readout.method=amplitude-estimation",
    "solvers tridiagonal-system readout.norm=linf solver.method=kernel",
    f"solvers {SHAPE} solver.method=kernel training.steps=4",
    # Weights by exact amplitudes and by shots, on circuits and by exact arithmetic.
    "run quartic-pair",
    "run quartic-pair solver.epsilon=0.1 carleman.padding=20 --shots 5000 --seed 3",
    "run quartic-pair solver.method=kernel --backend matrix",
    "run quartic-pair solver.method=auto solver.epsilon=0.01",
    "run cubic-pair solver.method=hhl solver.epsilon=0.2 training.steps=2 --backend matrix",
    "run cubic-pair solver.method=adiabatic solver.epsilon=0.1 training.steps=1 --backend matrix",
    "run quartic-ring model.n=2 solver.method=march readout.largest=1 --shots 0",
    "run double-well-chain solver.method=march solver.amplification=true --backend matrix",
    "run logistic-map-scalar solver.method=lcu solver.epsilon=0.05",
    "run sgd-diabetes solver.method=march training.steps=4",
    "run sgd-diabetes --backend matrix",
    "run tridiagonal-system solver.method=kernel",
    # Manifests: every stage, format and gate set.
    "compile quartic-pair solver.epsilon=0.01 --format qasm2 --gate-set clifford+t",
    "compile quartic-pair solver.method=march --stage full",
    "compile quartic-pair solver.amplification=true solver.epsilon=0.01 --stage solver --format program",
    "compile sgd-diabetes solver.method=march training.steps=2",
    "compile quartic-ring --stage block-encoding --format qpy",
    "compile logistic-map-scalar solver.method=lcu solver.epsilon=0.05 --stage solver",
    "compile tridiagonal-system --stage state-preparation --format cirq-json",
    "compile tridiagonal-system solver.method=kernel --stage solver",
)
