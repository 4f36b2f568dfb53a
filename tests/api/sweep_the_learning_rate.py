"""T gates and verdict against the learning rate: `python sweep_the_learning_rate.py DIRECTORY`."""

import sys
from pathlib import Path

from matplotlib import pyplot

import carlemanc

folder = Path(sys.argv[1])
sweep = carlemanc.sweep(
    "logistic-map-scalar",
    over=["training.learning_rate=0.05,0.1,0.2"],
    overrides=["solver.method=march", "carleman.rescaling=balanced"],
    output=folder / "rows",
    processes=1,
)
figure, axes = pyplot.subplots()
sweep.plot(axes, y="t_of_a_run")
figure.savefig(folder / "t_gates.png")
print(sweep.to_frame()[["training.learning_rate", "t_of_a_run", "verdict.pays"]])
