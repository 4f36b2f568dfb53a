"""Classical machines: a program runs where it fits, and the cheapest that fits is compared."""

from __future__ import annotations

from fractions import Fraction

from carlemanc.core.formula import Formula
from carlemanc.costs.classical_baseline import (
    BYTES_OF_A_WEIGHT,
    MACHINES,
    ClassicalBaseline,
    ClassicalProgram,
    Machine,
    fitting,
)
from carlemanc.present.text.estimate import baseline_facts

FORMULA = Formula(text="x", status="derived here")


def program(name: str, flops: int | None, memory: int = 0) -> ClassicalProgram:
    return ClassicalProgram(name=name, flops=flops, reason="of a test", formula=FORMULA, memory=memory)


def baseline(*programs: ClassicalProgram, measured: Machine | None = None) -> ClassicalBaseline:
    return ClassicalBaseline(programs=programs, all_runs=Fraction(10), measured=measured)


def test_dense_descent_ends_below_2_to_the_49_on_the_largest_machine() -> None:
    largest = max(machine.memory // BYTES_OF_A_WEIGHT for machine in MACHINES.values())
    assert 2**48 <= largest < 2**49
    assert largest == MACHINES["exascale"].memory // BYTES_OF_A_WEIGHT


def test_a_machine_takes_the_cheapest_program_that_it_holds() -> None:
    memory = MACHINES["core"].memory
    small, large = program("small", 10**6), program("large", 10**3, memory + 1)
    assert fitting((small, large), MACHINES["core"]) is small
    assert fitting((small, program("exactly", 10**3, memory)), MACHINES["core"]) is not small
    assert fitting((program("none", None), large), MACHINES["core"]) is None
    found = baseline(small, large)
    assert found.flops == 10**3  # the cheapest known, wherever it runs
    assert found.machines["core"]["program"] == "small"
    assert found.machines["core"]["seconds"] == Fraction(10**6, 10**9)
    assert found.machines["core"]["quantum_over_classical"] == 10 / Fraction(10**6, 10**9)
    assert found.machines["exascale"]["program"] == "large"


def test_what_fits_nowhere_has_no_time_there() -> None:
    found = baseline(program("dense", 10**20, BYTES_OF_A_WEIGHT * 2**45))
    core, largest = found.machines["core"], found.machines["exascale"]
    assert core["seconds"] is core["quantum_over_classical"] is core["program"] is None
    assert largest["seconds"] == 100
    text = "\n".join(words for _, words in baseline_facts(found))
    assert "more than the memory of one workstation core" in text
    assert "100 s on an exascale machine" in text
    assert "0.1 times an exascale machine" in text


def test_a_measured_machine_stands_beside_and_chooses_nothing() -> None:
    here = Machine(
        name="this machine",
        flops_per_second=3 * 10**8,
        memory=10**9,
        note="measured",
        status="measured",
        walk_steps_per_second=7 * 10**7,
    )
    alone, with_it = baseline(program("dense", 10**9)), baseline(program("dense", 10**9), measured=here)
    assert alone.machines == {key: with_it.machines[key] for key in MACHINES}
    assert set(with_it.machines) == {*MACHINES, "here"}
    assert with_it.machines["here"]["status"] == "measured"
    assert with_it.machines["here"]["walk_steps_per_second"] == 7 * 10**7
    assert all("walk_steps_per_second" not in machine for machine in alone.machines.values())
    assert (with_it.seconds, with_it.flops, with_it.crossover_n) == (alone.seconds, alone.flops, None)
    told = list(baseline_facts(with_it))
    assert "3.33 s on this machine (measured)" in told[0][1]
    assert ("this machine", "measured") in told
