"""What rests on a trajectory that was not run to its end, or on a readout of a part, says so."""

import pytest

import carlemanc
from tests.fixed import fixed


@pytest.mark.slow
def test_sizes_that_are_bounded_from_above_prove_nothing():
    found = carlemanc.estimate(fixed("phi4-lattice", ["model.dims=[8192,8192]", "training.steps=1000"]))
    document = found.to_json()
    truncation = document["error_budget"]["carleman_truncation"]
    assert truncation["achieved"] is None
    assert truncation["status"] == "unknown"
    assert "of 1000 steps" in truncation["source"]
    assert document["error_budget"]["solver_polynomial"]["status"] == "assumed"
    assert "upper bound" in found.norms_source


def test_a_run_to_the_end_is_measured():
    document = carlemanc.estimate(fixed("phi4-lattice", ["training.steps=3"])).to_json()
    assert document["error_budget"]["carleman_truncation"]["status"] == "proved"
    assert document["error_budget"]["solver_polynomial"]["status"] == "proved"


@pytest.mark.parametrize("readout", ['readout.norm="linf"', "readout.largest=2"])
def test_a_readout_of_a_part_is_not_compared_with_all_weights(readout):
    document = carlemanc.estimate(
        fixed("phi4-lattice", ["model.dims=[64,64]", "training.steps=60", readout])
    ).to_json()
    assert document["classical_baseline"]["crossover_n"] is None
    crossover = document["classical_baseline"]["crossover"]
    assert "gradient descent has every weight" in crossover["n"]["reason"]


def test_a_machine_synthesizes_what_a_file_keeps():
    """Physical costs and the T of a training are those of the synthesized circuit in both gate sets."""
    overrides = ["training.steps=2", 'compile.synthesis="phase-gradient"']
    kept = carlemanc.estimate(fixed("quartic-pair", overrides), rotation_epsilon=1e-6)
    made = carlemanc.estimate(fixed("quartic-pair", overrides), rotation_epsilon=1e-6, gate_set="clifford+t")
    assert kept.logical_qubits < made.logical_qubits
    assert kept.physical.best is not None
    assert made.physical.best is not None
    assert kept.physical.best.qubits == pytest.approx(made.physical.best.qubits, rel=0.02)
    assert kept.t_of_a_run == pytest.approx(made.t_of_a_run, rel=1e-3)


def test_a_mixture_has_neither_depth_nor_cliffords():
    found = carlemanc.estimate(
        fixed("logistic-map-scalar", ['compile.synthesis="mixed-fallback"']), gate_set="clifford+t"
    ).to_json()
    assert found["depth"] is None
    assert found["clifford_count"] is None
    assert found["counted_only"]
