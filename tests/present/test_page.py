"""The page: the numbers are those of the documents, nothing is requested, nothing is injected."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

import carlemanc
from carlemanc.cli._app import main
from carlemanc.core.citations import CITATIONS
from carlemanc.core.errors import InputError
from carlemanc.present.number_words import prose
from carlemanc.present.page.driver import assemble
from carlemanc.present.page.formats import html_page, markdown_page
from carlemanc.present.page.material import load_material
from tests.present.directories import put, row
from tests.present.pages import Page, counted

HOSTILE = (
    '<script>alert(1)</script><img src=x onerror="alert(2)">&amp;"\'`|_*[a](javascript:b) $x$ ünï\u202e 漢字'
)


def page_of(directory: Path) -> Page:
    return Page(html_page(assemble(load_material(directory))))


def calls_of(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All rows of a tree of calls."""
    return [row for top in rows for row in (top, *calls_of(top["children"]))]


def check_shape(page: Page) -> None:
    """Nothing is fetched; ids are unique and every anchor has its place."""
    assert page.requests == []
    assert len(page.ids) == len(set(page.ids))
    assert set(page.anchors) <= set(page.ids)
    assert all(link.startswith("https://") for link in page.links)
    assert not {"script", "iframe", "link", "img"} & set(page.tags)


def as_cited(line: str, page: Page) -> str:
    """A sentence of a result with the numbers that its papers have on a page."""
    for source in sorted(CITATIONS.values(), key=lambda source: -len(source.short())):
        if source.short() in line:
            (number,) = [number for number, item in page.references.items() if source.title in item]
            line = line.replace(source.short(), f"{source.authors_in_short()} [{number}]")
    return line


def test_numbers_are_those_of_the_estimate(estimated: Path) -> None:
    document = json.loads((estimated / "estimate.json").read_text())
    page = page_of(estimated)
    check_shape(page)
    keys = [
        "calls",
        "t_each",
        "t",
        "toffoli_each",
        "toffoli",
        "rotations_each",
        "rotations",
        "measurements",
        "qubits",
    ]
    for part in calls_of(document["breakdown"]):
        assert [part["part"], *(counted(part[key]) for key in keys)] in page.rows
    (total, *_) = [cells for cells in page.rows if cells[0] == "one run"]
    counts = [document[f"{name}_count"] for name in ("t", "toffoli", "rotation")]
    assert [total[3], total[5], total[7]] == [counted(count) for count in counts]
    assert total[9] == counted(document["logical_qubits"])
    for found in (
        document["total"]["runs"],
        document["total"]["toffoli_count"],
        document["readout"]["shots"],
    ):
        assert counted(found) in page.text
    for point in document["physical"]["frontier"]:
        assert any(cells[0] == point["model"] and counted(point["qubits"]) == cells[1] for cells in page.rows)
    for line in document["assumptions"]:
        assert as_cited(prose(line), page) in page.text
    assert "does not pay" in page.text


def test_every_word_of_the_analysis(estimated: Path) -> None:
    analysis = json.loads((estimated / "analysis.json").read_text())
    page = page_of(estimated)
    assert analysis["regime"] in page.text
    for order, bound in analysis["truncation_bound"].items():
        assert any(cells[0] == order and cells[1] == f"{bound:.3g}" for cells in page.rows if len(cells) == 3)


def test_what_is_missing_is_named_with_its_command(estimated: Path, swept: Path) -> None:
    text = page_of(estimated).text
    assert "left out by --no-compare-solvers" in text
    assert "carlemanc solvers out/spec.toml -o out/solvers.json" in text
    assert "carlemanc sweep out/spec.toml --over KEY=VALUES -o out" in text
    text = page_of(swept).text
    assert "carlemanc estimate out/spec.toml -o out" in text
    assert "carlemanc analyze out/spec.toml -o out/analysis.json" in text


def test_those_commands_add_it(estimated: Path, tmp_path: Path) -> None:
    place = tmp_path / "out"
    place.mkdir()
    for name in ("spec.toml", "estimate.json", "logistic-map-scalar.npz"):
        if (estimated / name).is_file():
            (place / name).write_bytes((estimated / name).read_bytes())
    assert "Regime, ratio R" in page_of(place).text
    assert main(["analyze", str(place / "spec.toml"), "-o", str(place / "analysis.json")]) == 0
    page = page_of(place)
    assert "certified bound" in page.text
    assert "Regime, ratio R" not in page.text


def test_sweep_alone(swept: Path) -> None:
    rows = [json.loads(line) for line in (swept / "rows.jsonl").read_text().splitlines()]
    page = page_of(swept)
    check_shape(page)
    assert page.tags.count("svg") >= 3  # T gates and qubits against T at least, and a frontier
    for found in rows:
        steps, epsilon = (text.partition("=")[2] for text in found["overrides"])
        (cells,) = [cells for cells in page.rows if cells[:2] == [steps, epsilon] and len(cells) > 6]
        estimate = found["estimate"]
        t = estimate["t_count_with_toffoli_as_4t"] + estimate["rotation_synthesis"]["t_count"]
        assert cells[2:4] == [counted(estimate["logical_qubits"]), counted(t)]
    assert "fully dissipative" in page.text


def test_points_of_another_grid_stay_out(swept: Path, tmp_path: Path) -> None:
    grid = json.loads((swept / "sweep.json").read_text())
    rows = [json.loads(line) for line in (swept / "rows.jsonl").read_text().splitlines()]
    grid["over"] = {"training.steps": ["4", "1", "8"], "solver.epsilon": ["1e-1"]}
    grid["digests"] = [rows[4]["digest"], rows[0]["digest"], "0" * 32]
    material = load_material(put(tmp_path / "a", rows=rows, sweep=grid))
    assert material.rows == (rows[4], rows[0])
    assert "2 of 3 points" in material.cautions[0]
    assert "The sweep is not finished" in page_of(tmp_path / "a").text


def test_figures_and_pages_are_the_same_bytes_twice(swept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import matplotlib as mpl

    first = html_page(assemble(load_material(swept)))
    monkeypatch.setitem(mpl.rcParams, "font.size", 31.0)  # what a user may have set
    assert html_page(assemble(load_material(swept))) == first
    assert mpl.rcParams["font.size"] == 31.0
    for svg in re.findall(r"<svg.*?</svg>", first, re.DOTALL):
        assert "<title" in svg
        assert "<desc" in svg
        assert "<text" in svg
        assert not re.search(r"http|#0102|DejaVu|metadata", svg)


def test_markdown_has_the_same_numbers(estimated: Path, swept: Path) -> None:
    for directory in (estimated, swept):
        document = assemble(load_material(directory))
        page, text = Page(html_page(document)), markdown_page(document)
        plain = text.replace("\\", "")
        for cells in page.rows:
            assert all(cell.strip() in plain for cell in cells)
        assert "<svg" not in text


def test_hostile_texts_stay_texts(document: dict[str, Any], tmp_path: Path) -> None:
    document["assumptions"] = [HOSTILE]
    document["method"] = HOSTILE
    document["breakdown"][0]["part"] = HOSTILE
    document["error_budget"] = {HOSTILE: {"share": 0.1, "achieved": None, "source": HOSTILE}}
    document["physical"]["hardware"] = {"name": HOSTILE, "source": f"{HOSTILE} arXiv:2211.07629"}
    rows = [row(k, document, f"training.steps={k}", f"solver.method={HOSTILE}") for k in (1, 2, 4)]
    rows.append(row(9, None, "training.steps=9", f"solver.method={HOSTILE}", status=2, message=HOSTILE))
    for point, steps in zip(rows, (1, 2, 4), strict=False):
        point["estimate"] = document | {"T": steps}
    maker = {
        "command": ["carlemanc", "estimate", HOSTILE],
        "version": HOSTILE,
        "spec_sha256": "0" * 64,
        "files": {HOSTILE: "0" * 64},
    }
    about = {
        **maker,
        "format": "carlemanc.estimate-directory/1",
        "absent": {"solvers.json": HOSTILE},
    }
    spec = f"name = {json.dumps(HOSTILE)}\n[loss]\nexpression = {json.dumps(HOSTILE)}\n"
    grid = {
        **maker,
        "format": "carlemanc.sweep/1",
        "name": HOSTILE,
        "over": {"training.steps": ["1", "2", "4", "9"], "solver.method": [HOSTILE]},
        "options": {},
        "digests": [point["digest"] for point in rows],
    }
    place = put(tmp_path / "a", estimate=document, rows=rows, about=about, spec=spec, sweep=grid)
    page = page_of(place)
    check_shape(page)
    assert HOSTILE in page.text
    assert "alert(1)</script>" not in page.html
    assert page.links == [link for link in page.links if link.startswith("https://arxiv.org/abs/")]
    text = markdown_page(assemble(load_material(place)))
    outside = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    assert not re.search(r"(?<!\\)<(?!https://arxiv)", outside)


def test_huge_and_empty_numbers(document: dict[str, Any], tmp_path: Path) -> None:
    huge = 7 * 10**700 + 1
    for key in ("t_count", "toffoli_count", "rotation_count", "n"):
        document[key] = huge
    document["total"] = {"runs": huge, "t_count": huge, "toffoli_count": huge, "rotation_count": huge}
    document["breakdown"] = [
        dict(part, t=huge, toffoli=huge, rotations=huge) for part in document["breakdown"]
    ]
    document["physical"]["seconds"] = document["verdict"] = None
    document["alpha"] = document["clifford_count"] = document["depth"] = None
    rows = [row(k, document | {"n": 2**k, "t_count": huge * 4**k}, f"model.n={2**k}") for k in range(4, 9)]
    page = page_of(put(tmp_path / "a", estimate=document, rows=rows))
    check_shape(page)
    assert counted(huge) in page.text
    assert "7.00 × 10⁷⁰⁰" in page.text
    assert not re.search(
        r"\b(nan|inf|none|null|e\+\d+)\b", page.text.replace("none known", ""), re.IGNORECASE
    )
    assert "the time of the quantum program is not known" in page.text


def test_without_physical_cost_the_reason_stands(document: dict[str, Any], tmp_path: Path) -> None:
    document["physical"], document["physical_absent"] = None, "no factory is good enough (1e-30)"
    page = page_of(put(tmp_path / "a", estimate=document))
    assert page.text.count("no factory is good enough (1e-30)") == 2


def test_a_system_has_no_training_to_compare_with(document: dict[str, Any], tmp_path: Path) -> None:
    document |= {"T": None, "N": None, "leaf": None, "classical_baseline": {"flops": None}, "verdict": None}
    page = page_of(put(tmp_path / "a", estimate=document))
    assert "There is no training" in page.text
    check_shape(page)


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ([["training.steps=3"]], "is one point"),
        ([["solver.method=qsvt"], ["solver.method=lcu"]], "no axis of numbers"),
        ([["carleman.padding=0"], ["carleman.padding=1"]], "no exponent is fitted"),
    ],
)
def test_grids_without_growth(
    overrides: list[list[str]], words: str, document: dict[str, Any], tmp_path: Path
) -> None:
    rows = [row(k, document, *texts) for k, texts in enumerate(overrides)]
    page = page_of(put(tmp_path / "a", rows=rows))
    check_shape(page)
    assert words in page.text


def test_rows_without_estimate(document: dict[str, Any], tmp_path: Path) -> None:
    bad = [row(k, None, f"model.n={k}", status=3, message="too large\n  by far") for k in range(2)]
    page = page_of(put(tmp_path / "a", rows=bad))
    assert "None of the 2 points of the sweep has an estimate" in page.text
    assert ["n = 1", "3", "too large by far"] in page.rows
    page = page_of(put(tmp_path / "b", rows=[*bad, row(7, document, "model.n=7")]))
    assert "2 of them without an estimate" in page.text
    check_shape(page)


def test_fitted_exponents_are_those_of_numpy(document: dict[str, Any], tmp_path: Path) -> None:
    import numpy as np

    steps = [10, 30, 100, 300]
    counts = [round(7 * t**1.5) + t for t in steps]
    plain = document | {"toffoli_count": 0, "rotation_synthesis": {"t_count": 0, "included_in_t_count": True}}
    rows = [
        row(k, plain | {"T": t, "t_count": count, "t_of_a_run": count}, f"training.steps={t}")
        for k, (t, count) in enumerate(zip(steps, counts, strict=True))
    ]
    page = page_of(put(tmp_path / "a", rows=rows))
    slope = np.polyfit(np.log(steps), np.log(counts), 1)[0]
    (cells,) = [cells for cells in page.rows if cells[:2] == ["T", "–"]]
    assert cells[2].partition(" ")[0] == f"{slope:.3g}"


def test_baseline_and_formulas(document: dict[str, Any], tmp_path: Path) -> None:
    flops = document["classical_baseline"]["flops"]
    core = {
        "name": "one core",
        "flops_per_second": 10**9,
        "seconds": flops / 1e9,
        "quantum_over_classical": 12.5,
    }
    document["classical_baseline"] = {
        "flops": flops,
        "seconds": flops / 1e9,
        "machine": "on a core of a test",
        "machines": {"core": core},
        "crossover_n": None,
        "crossover": {
            "all_weights": {"core": None, "reason": "none up to n = 2^200: of a test"},
            "one_sample": {"core": 2**40, "reason": "the least power of two"},
        },
    }
    entry = {
        "name": "T gates",
        "value": 3,
        "formula": "4 Toffoli",
        "inputs": {"Toffoli": 2**80},
        "status": "proved",
    }
    document["verdict"] = None  # an older document
    document["explain"] = [entry | {"references": ["gidney2018"], "where": "Figure 4"}]
    document["references"] = ["gidney2018"]
    page = page_of(put(tmp_path / "a", estimate=document))
    check_shape(page)
    assert (
        "No n is known from which on the runs would take less time than one core: none up to n = 2²⁰⁰"
        in page.text
    )
    assert ["reading theta(T)", "none", "none up to n = 2²⁰⁰: of a test"] in page.rows
    assert "the least power of two" not in page.text, "a sample answers no question"
    assert ["one core", "1.00 × 10⁹"] in [cells[:2] for cells in page.rows]
    assert "on a core of a test" in page.text
    (cells,) = [cells for cells in page.rows if cells[:2] == ["T gates", "3"]]
    assert f"Toffoli = {counted(2**80)}" in cells[3]
    assert (cells[4], cells[5]) == (as_cited(f"{CITATIONS['gidney2018'].short()}; Figure 4", page), "proved")
    document["classical_baseline"]["crossover_n"] = 2**31
    page = page_of(put(tmp_path / "a", estimate=document))
    assert "less time than one core from n = 2³¹ on" in page.text


def test_the_papers_that_an_estimate_names_stand_in_full_with_their_bibtex(
    document: dict[str, Any], tmp_path: Path
) -> None:
    assert len(document["references"]) > 5
    page = page_of(put(tmp_path / "a", estimate=document))
    for key in document["references"]:
        source = CITATIONS[key]
        (number,) = [number for number, item in page.references.items() if source.title in item]
        assert str(source.year) in page.references[number]
        assert source.bibtex.splitlines()[0] in page.text
    left_out = CITATIONS.keys() - set(document["references"])
    assert not [key for key in left_out if f"{{{key}," in page.text]
    used = [int(anchor.removeprefix("ref-")) for anchor in page.anchors if anchor.startswith("ref-")]
    assert list(dict.fromkeys(used)) == list(range(1, len(set(used)) + 1)), (
        "numbered in the order of first use"
    )
    assert list(page.references) == list(range(1, len(page.references) + 1))
    unknown = page_of(put(tmp_path / "b", estimate=document | {"references": ["unknown2031"]}))
    assert "unknown2031" in unknown.references[len(unknown.references)]


def test_a_sentence_names_a_paper_by_its_number(document: dict[str, Any], tmp_path: Path) -> None:
    known = CITATIONS["brassard2002"]
    document["assumptions"] = [
        f"a bound ({known.short()}; proved)",
        "read in theta[3], as arXiv:2999.12345 and arXiv:1403.2975 say",
        f"twice: {known.short()}",
    ]
    document["references"], document["explain"], document["verdict"] = [], [], None
    page = page_of(put(tmp_path / "a", estimate=document))
    check_shape(page)
    (number,) = [number for number, item in page.references.items() if known.title in item]
    assert page.references[number] == (
        f"[{number}] G. Brassard, P. Høyer, M. Mosca, and A. Tapp, Quantum amplitude amplification and estimation, "
        "Contemporary Mathematics 305, 53 (2002), arXiv:quant-ph/0005055."
    )
    assert f"a bound (Brassard et al. [{number}]; proved)" in page.text
    assert f"read in theta[3], as [{number + 1}] and [{number + 2}] say" in page.text
    assert f"twice: Brassard et al. [{number}]" in page.text
    assert page.references[number + 1] == f"[{number + 1}] arXiv:2999.12345."
    assert "https://arxiv.org/abs/2999.12345" in page.links
    assert page.anchors.count(f"ref-{number}") == 2


def test_the_regime_of_a_point_is_that_of_its_estimate(document: dict[str, Any], tmp_path: Path) -> None:
    assert document["regime"]["name"] == "fully dissipative"
    for regime in ("divergent", "almost dissipative", "fully dissipative"):
        estimate = document | {"regime": {"name": regime, "mu": 0.1, "R": None}}
        check_regime(tmp_path / regime, estimate, regime)


def check_regime(place: Path, estimate: dict[str, Any], regime: str) -> None:
    """The page of an estimate and of a sweep of such names this regime, whatever the analysis says."""
    rows = [row(t, estimate | {"T": t}, f"training.steps={t}") for t in (1, 2, 4)]
    page = page_of(put(place, estimate=estimate, rows=rows, analysis={"regime": "of another point"}))
    assert f"These systems are {regime}" in page.text


def test_an_older_estimate_tells_its_regime_in_words(document: dict[str, Any], tmp_path: Path) -> None:
    lines = {
        "the system is divergent (mu = -1, R = 2): the theorems' premise of dissipation does not hold": "divergent",
        "the system is almost dissipative: the theorems' premise of dissipation does not hold": "almost dissipative",
        "nothing about the system": "fully dissipative",
    }
    del document["regime"]
    for number, (line, regime) in enumerate(lines.items()):
        check_regime(tmp_path / str(number), document | {"assumptions": [line]}, regime)


def test_a_row_that_tells_no_regime_has_none(document: dict[str, Any], tmp_path: Path) -> None:
    del document["regime"], document["assumptions"]
    rows = [row(t, document | {"T": t}, f"training.steps={t}") for t in (1, 2, 4)]
    assert "The regime of this grid: not known" in page_of(put(tmp_path / "a", rows=rows)).text


def test_lattice_sites_are_an_axis(document: dict[str, Any], tmp_path: Path) -> None:
    rows = [row(k, document | {"n": k * k}, f"model.dims=[{k},{k}]") for k in (2, 4, 8)]
    page = page_of(put(tmp_path / "a", rows=rows))
    assert "T gates of a run against n (weights)" in page.text


def test_error_budget(document: dict[str, Any], tmp_path: Path) -> None:
    part = {
        "share": 0.00075,
        "achieved": 2e-4,
        "status": "proved",
        "source": "a bound",
        "measured": 1e-5,
        "kept": True,
    }
    document["error_budget"] = {
        "solver_polynomial": part,
        "readout": part | {"share": 0.00025, "achieved": 0.001, "measured": None, "kept": False},
        "truncation": {"share": None, "achieved": None, "status": "unknown", "source": "diverges at 2^200"},
        "approximation": {"share": None, "achieved": 0.25, "status": "computed", "source": "remainder"},
    }
    page = page_of(
        put(tmp_path / "a", estimate=document, analysis={"regime": "dissipative", "smallest_order": 7})
    )
    assert "Larger than all of epsilon, and not part of it: approximation (0.25). The smallest" in page.text
    check_shape(page)
    assert ["solver polynomial", "0.00075", "75 %", "0.0002", "1 × 10⁻⁵", "proved: a bound"] in page.rows
    assert ["readout", "0.00025", "25 %", "0.001", "–", "proved: a bound"] in page.rows
    assert ["truncation", "–", "–", "not known", "–", "unknown: diverges at 2²⁰⁰"] in page.rows
    assert "Over its share: readout." in page.text


def test_rotations_by_a_phase_gradient_cost_toffolis(document: dict[str, Any], tmp_path: Path) -> None:
    synthesis = {
        "t_count": 100,
        "toffoli_count": 1000,
        "included_in_t_count": False,
        "method": "phase-gradient",
    }
    document |= {"rotation_synthesis": synthesis, "t_count": 7, "toffoli_count": 10}
    document["t_of_a_run"] = 7 + 4 * 10 + 100 + 4 * 1000
    page = page_of(put(tmp_path / "a", estimate=document))
    assert f"One run takes {counted(4_147)} T gates" in page.text
    assert "by phase-gradient" in page.text


def test_a_result_of_the_catalog(document: dict[str, Any], tmp_path: Path) -> None:
    result = {
        "format": "carlemanc.result/1",
        "command": ["carlemanc", "estimate", "x"],
        "estimate": document,
        "sweep": [row(1, document, "training.steps=1"), row(2, document | {"T": 2}, "training.steps=2")],
        "analysis": None,
        "solvers": None,
    }
    for point in result["sweep"]:
        del point["digest"]  # there is no grid to find it in
    page = page_of(put(tmp_path / "a", result=result))
    check_shape(page)
    assert "carlemanc estimate x" in page.text
    lines = ["carlemanc estimate a/spec.toml", "carlemanc sweep a/spec.toml --over 'b=1,2' -o a"]
    page = page_of(put(tmp_path / "b", result=result | {"command": lines}))
    assert "\n".join(lines) in page.text
    assert counted(document["toffoli_count"]) in page.text
    assert "Growth with T" in page.text


def test_another_spec_is_noticed(estimated: Path, tmp_path: Path) -> None:
    place = tmp_path / "a"
    place.mkdir()
    for name in ("estimate.json", "about.json"):
        (place / name).write_bytes((estimated / name).read_bytes())
    (place / "spec.toml").write_text('name = "other"\n')
    assert "The spec.toml here is not the spec that the estimate was made from" in page_of(place).text


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("estimate.json", "{", "no JSON"),
        ("estimate.json", "[]", "another form"),
        ("estimate.json", '{"t_count": "x"}', "another form"),
        ("rows.jsonl", "{}\n", "line 1"),
        ("rows.jsonl", "nonsense\n", "line 1"),
        ("result.json", '{"format": "other"}', "another form"),
        ("result.json", '{"format": "carlemanc.result/1", "sweep": [1]}', "another form"),
        ("readme.txt", "", "a directory without results"),
    ],
)
def test_damaged_files_are_refused(
    name: str, content: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "a"
    place.mkdir()
    (place / name).write_text(content)
    assert main(["report", str(place), "-o", str(tmp_path / "page.html")]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("error:")) == ("", 1)
    assert words in err
    assert "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_torn_last_row_is_left_out(document: dict[str, Any], tmp_path: Path) -> None:
    place = put(tmp_path / "a", rows=[row(1, document, "training.steps=1")])
    with (place / "rows.jsonl").open("a") as file:
        file.write('{"digest": "2')
    assert len(load_material(place).rows) == 1
    words = "1 line of rows.jsonl, the last, is cut off and left out: the same command continues it"
    with pytest.warns(UserWarning, match=words):
        carlemanc.report(place)
    assert words in page_of(place).text


def test_command(estimated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, text = tmp_path / "new" / "page.html", tmp_path / "page.md"
    assert main(["report", str(estimated), "-o", str(page), "--json"]) == 0
    out, err = capsys.readouterr()
    said = json.loads(out)
    assert said["bytes"] == page.stat().st_size
    assert f"wrote {page}\n" in err
    assert main(["report", str(estimated), "-o", str(text)]) == 0
    assert text.read_text(encoding="utf-8").startswith("# logistic")
    for arguments in (["-o", "page.pdf"], ["--set", "model.n=2"], ["-o", str(tmp_path)]):
        assert main(["report", str(estimated), *arguments]) == 2
    assert main(["report", str(tmp_path / "nowhere")]) == 2
    assert "no directory" in capsys.readouterr().err


def test_function(estimated: Path, tmp_path: Path) -> None:
    found = carlemanc.report(estimated, tmp_path / "a.html")
    assert found.path.is_file()
    assert "frontier" in found.figures
    with pytest.raises(InputError, match="nothing to report"):
        carlemanc.report(tmp_path)
