"""`verify`: right circuits pass on every kind of column, and each kind of fault is found."""

import json
import warnings
from dataclasses import replace

import attrs
import numpy as np
import pytest

import carlemanc
from carlemanc.bloqs.amplitudes.shaped_amplitudes import ShapedAmplitudes
from carlemanc.cli._app import main
from carlemanc.commands.opening import open_spec
from carlemanc.commands.verify import check_columns
from carlemanc.commands.verify_preparation import check_preparation
from carlemanc.core.errors import InputError
from carlemanc.core.json_text import json_text
from carlemanc.core.progress import reporting
from carlemanc.linear_system.columns import HistoryColumns, register_index
from carlemanc.linear_system.hard_columns import choose_columns
from carlemanc.linear_system.rhs_rows import RhsRows, choose_rows
from carlemanc.programs.emitter import emit
from carlemanc.programs.program import CODE
from carlemanc.spec.loading import load_spec
from tests.fixed import fixed, fixed_words

CASES = [
    ("quartic-pair", ()),
    ("cubic-pair", ("carleman.padding=1",)),
    ("logistic-map-scalar", ()),
    ("quartic-ring", ("model.n=7",)),
    ("phi4-lattice", ("model.dims=[2,3]", "training.steps=2")),
    ("double-well-chain", ("model.n=5", "carleman.order=2")),
]


@pytest.mark.parametrize(("name", "overrides"), CASES)
def test_examples(name, overrides):
    result = carlemanc.verify(fixed(name, overrides), columns=60)
    assert result.failure is None
    assert result.worst.deviation < 1e-12
    document = json.loads(json_text(result.to_json()))
    assert document["columns"] == sum(kind["columns"] for kind in document["kinds"].values())
    assert document["columns"] >= 60 or document["kinds"].keys() == {"every column"}
    assert document["deviation"] == result.worst.deviation
    assert document["preparation"]["rows"] >= min(60, document["columns"])
    assert document["preparation"]["deviation"] < 1e-12


@pytest.fixture(scope="module")
def ring():
    found = open_spec(fixed("quartic-ring", ["model.n=5", "carleman.padding=1", "training.steps=3"]))
    encoding, history = found.leading.encodings[0], found.lifted.history
    return encoding, emit(encoding), HistoryColumns(history), choose_columns(history, 150, 0)


def worst(checked):
    return max(checked, key=lambda item: item.deviation)


def test_a_lost_rotation_is_found(ring):
    """Whichever rotation is lost, a column notices."""
    encoding, program, columns, chosen = ring
    alpha = encoding.alpha
    assert worst(check_columns(program, alpha, columns, chosen)).deviation < 1e-13
    unnoticed = 0
    places = np.random.default_rng(0).choice(
        np.flatnonzero(program.codes == CODE["ry"]), size=6, replace=False
    )
    for place in places:
        kept = np.arange(len(program)) != place
        broken = replace(
            program, codes=program.codes[kept], wires=program.wires[kept], angles=program.angles[kept]
        )
        unnoticed += worst(check_columns(broken, alpha, columns, chosen)).deviation < 1e-9
    assert unnoticed == 0


def test_a_wrong_last_step_is_found_by_time(ring):
    """Off by one in T: only columns at the boundary in time can tell."""
    encoding, _, columns, chosen = ring
    wrong = attrs.evolve(encoding, steps=encoding.steps - 1, padding=encoding.padding + 1)
    found = check_columns(emit(wrong), encoding.alpha, columns, chosen)
    bad = {item.column.state.time for item in found if item.deviation > 1e-9}
    assert bad == {columns.history.steps - 1}


def test_a_wrong_alpha_fails(ring):
    encoding, program, columns, chosen = ring
    found = check_columns(program, 1.001 * encoding.alpha, columns, chosen)
    assert min(item.deviation for item in found) > 1e-4


def test_status_and_message(monkeypatch, capsys):
    from carlemanc.commands import verify as verification

    honest = verification.check_columns

    def doubled(program, alpha, columns, chosen):
        return honest(program, 2 * alpha, columns, chosen)

    monkeypatch.setattr(verification, "check_columns", doubled)
    assert main(["verify", "quartic-pair", "--columns", "5", *fixed_words("quartic-pair")]) == 1
    out, err = capsys.readouterr()
    assert "largest deviation  1" in out
    assert "check failed: a column of the block encoding (" in err
    assert "above the tolerance 1e-09" in err


def test_interrupted(monkeypatch, capsys, tmp_path):
    from carlemanc.commands import verify as verification

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(verification, "check_columns", stop)
    assert (
        main(["verify", "quartic-pair", "-o", str(tmp_path / "a.json"), *fixed_words("quartic-pair")]) == 130
    )
    assert not list(tmp_path.iterdir())


def test_options_are_checked():
    with pytest.raises(InputError) as error:
        carlemanc.verify(fixed("quartic-pair"), columns=0, seed=-1, tolerance=0.0)
    assert [problem.where for problem in error.value.problems] == ["--columns", "--seed", "--tolerance"]


def test_progress_counts_columns(ring):
    class Reporter:
        total, done, depth = 0, 0, 0

        def start(self, label, total):
            self.depth += 1
            if self.depth == 1:
                assert label == "columns"
                Reporter.total = total

        def advance(self, amount=1):
            Reporter.done += amount if self.depth == 1 else 0

        def finish(self):
            self.depth -= 1

    encoding, program, columns, chosen = ring
    with reporting(Reporter()):
        check_columns(program, encoding.alpha, columns, chosen)
    assert Reporter.done == Reporter.total == len(chosen)


@pytest.mark.parametrize("n", [8, 1 << 20])
@pytest.mark.parametrize("center", ["zero", "initial"])
def test_slots_of_unequal_columns(n, center):
    """Products of neighbors, and entries beside the stencils where the center is no constant: few sites and many."""
    spec = {
        "loss": {
            "expression": "Sum(theta[i]**2*theta[i+1]**2/40 + theta[i]**2*theta[i-1]/15 + theta[i]**2/2"
            " - 3*theta[i]*theta[i+1]/10, (i, 0, n-1))"
        },
        "model": {"n": n},
        "training": {
            "learning_rate": 0.1,
            "steps": 3,
            "initial": {"sparse": {"0": 0.4, "7": -0.2}},
            "center": center,
        },
        "carleman": {"order": 3},
    }
    result = carlemanc.verify(fixed(spec), columns=100)
    assert result.failure is None
    assert result.worst.deviation < 1e-12


@pytest.mark.slow
def test_a_chain_with_couplings_from_a_file(tmp_path):
    """2^16 values looked up three times, 2e7 gates: some 25 s of one core (measured)."""
    np.save(tmp_path / "J.npy", np.random.default_rng(0).uniform(0, 0.3, 1 << 16))
    (tmp_path / "spec.toml").write_text(
        '[loss]\nexpression = "Sum(lam*theta[i]**4/4 + theta[i]**2/2 - J[i]*theta[i]*theta[i+1], (i, 0, n-1))"\n'
        'parameters = { J = "J.npy", lam = 0.3 }\n[model]\nn = 65536\n[carleman]\norder = 3\n'
        '[training]\nlearning_rate = 0.1\nsteps = 10\ninitial = { sparse = { "0" = 0.4 } }\n'
    )
    result = carlemanc.verify(fixed(tmp_path / "spec.toml"), columns=200)
    assert len(result.checked) >= 200
    assert result.failure is None
    assert result.worst.deviation < 1e-9


def test_the_number_of_columns_has_a_stated_limit(capsys):
    assert main(["verify", "quartic-pair", "--columns", "1000000", *fixed_words("quartic-pair")]) == 2
    assert "from 1 to 100,000" in capsys.readouterr().err


@pytest.mark.parametrize(("center", "status"), [(10, 0), (1000, 3)])
def test_an_encoding_beyond_double_precision_is_not_emitted(center, status, capsys):
    """With alpha over 1e24 the smallest amplitudes, alpha^(-1/2), are angles within 1e-12 of none."""
    override = fixed_words("quartic-pair", "carleman.order=4", f"training.center=[{center}, 0.1]")
    assert main(["verify", "quartic-pair", "--columns", "10", *override]) == status
    if status:
        assert "amplitudes" in capsys.readouterr().err


def test_a_training_that_ends_at_its_center_has_an_encoding(tmp_path):
    """A relative error of theta(T) - center = 0 means nothing: no run is planned, and files and columns need none."""
    spec = {
        "loss": {"expression": "theta[0]**2/2 + theta[1]**2/2"},
        "model": {"n": 2},
        "training": {"learning_rate": 1.0, "steps": 2, "initial": [0.5, 0.25]},
        "carleman": {"order": 1},
    }
    assert carlemanc.verify(fixed(spec)).failure is None
    for stage, alpha in (("block-encoding", 1.0), ("state-preparation", None)):
        assert carlemanc.compile(fixed(spec), output=tmp_path / stage, stage=stage).document["alpha"] == alpha
    with pytest.raises(InputError, match="exactly the center"):
        carlemanc.estimate(fixed(spec))


DENSE = {
    "quartic-ring": "0.4*cos(2*pi*3*i/n) + 0.1*walsh(i, 5)",
    "double-well-chain": "0.3*exp(-((i - n/2)/(n/16))**2)",
    "phi4-lattice": "0.3*bent(i)*cos(2*pi*j/n2) + 0.1",
}


@pytest.mark.parametrize("bits", [4, 26])
@pytest.mark.parametrize("name", DENSE)
def test_dense_starts_at_every_level(name, bits, tmp_path):
    """The same rows of b at 2^4 and at 2^26 sites, against the function at the sites of every slot."""
    tables = load_spec(name).to_dict()
    tables["training"] |= {"initial": {"function": DENSE[name]}, "steps": 3}
    tables["model"] = {"dims": [2 ** (bits // 2)] * 2} if "dims" in tables["model"] else {"n": 1 << bits}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = carlemanc.verify(fixed(tables), columns=40)
    assert result.failure is None
    assert result.preparation.rows >= 48
    assert result.preparation.deviation < 1e-10


def test_rows_of_b_are_those_of_the_vector():
    """The entries that `verify` takes for right against the assembled b."""
    for name, overrides in CASES:
        history = open_spec(fixed(name, overrides)).lifted.history
        whole, rows = history.rhs(), RhsRows(history)
        for state in choose_rows(history, 200, 1):
            index = register_index(history.layout, state)
            assert rows.entry(state) == pytest.approx(whole[index], abs=1e-15)
            assert abs(whole[index]) <= rows.largest(state) * (1 + 1e-12)


def test_a_preparation_without_a_rotation_is_found():
    opened = open_spec(fixed("quartic-ring", ["model.n=8"]))
    start, history = opened.preparation, opened.lifted.history
    assert check_preparation(start, history, 100, 0).deviation < 1e-13
    wrong = attrs.evolve(start, z=start.z * 1.001)
    assert check_preparation(wrong, history, 100, 0).deviation > 1e-6


def test_a_list_that_is_priced_by_lookup_is_not_verified():
    assert check_preparation(ShapedAmplitudes(size=3, count=8), None, 10, 0) is None
