"""Our counterparts of Figs. 2a, 2b, 2c and 3 of Liu et al. 2024, and of the claimed powers of T, from one command.

    python estimates/figures.py          computes the digits runs and the scalings anew (about half an hour), then draws
    python estimates/figures.py --draw   draws from estimates/figures/data and estimates/hessian

Every figure says its model, its data and what was emulated. The digits network is trained here, on real data, by the
truncated Carleman recursion itself; the spectra of the large networks come from `carlemanc dissipation` (see
estimates/hessian). The captions of the paper were not at hand: which quantity stands in which panel follows its main
text (spectra before and after training, error proxy against steps, accuracy of the schemes, the larger network).
"""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from carlemanc.core.atomic_output import atomic_file
from carlemanc.core.json_text import json_text
from carlemanc.present.figures.style import CLASSICAL, GROWTH, QUANTUM, look, saved
from carlemanc.training.error_proxy import error_proxy
from carlemanc.training.exponents import regime_scalings
from carlemanc.training.loop import train
from carlemanc.training.result import TrainingRun

HERE = Path(__file__).resolve().parent
SPEC = HERE / "training" / "digits.toml"
FIGURES, DATA, HESSIAN = HERE / "figures", HERE / "figures" / "data", HERE / "hessian"
Drawing = Callable[[Figure], None]
SCALING_STEPS = (8, 16, 32, 64, 128)
RUNS = {
    "carleman": (),
    "emulated": ('schedule.evolution="emulated"', "schedule.reupload_every=10"),
    "qram": ('schedule.evolution="emulated"', "schedule.classical_steps=10"),
    "dense": ('schedule.evolution="emulated"', "schedule.tomography=false", "model.sparsity=1"),
}
"""The runs on digits, by what differs from the spec; `dense` is gradient descent on all weights."""
NAMES = {
    "carleman": "pruned, Carleman recursion (order 2), re-upload every 20, tomography drawn",
    "emulated": "pruned, emulated, re-upload every 10, tomography and certified errors drawn",
    "qram": "pruned, emulated, 10 dense classical steps after each download (QRAM)",
    "dense": "all weights, gradient descent (no quantum part)",
}
COLORS = {"carleman": QUANTUM, "emulated": "#2e9e7a", "qram": GROWTH, "dense": CLASSICAL}
WINDOWS = (0.4, 0.1)
"""Least |a| of the proxy: the paper's, and one that holds divergent modes of this network at its first uploads."""


def compute() -> None:
    """Run everything that is not there as a file of another command, and write the data."""
    for name, overrides in RUNS.items():
        run = train(SPEC, overrides=overrides)
        _write(f"digits_{name}.json", series(run))
    _write("scaling_T.json", {"scalings": [item.to_json() for item in regime_scalings(SCALING_STEPS)]})


def series(run: TrainingRun) -> dict[str, Any]:
    """Return what the figures need of a run, to six digits."""
    document = run.to_json()
    steps = [row for row in document["steps"] if row["accuracy"] is not None]
    segments = document["segments"]
    kept = {"first": segments[0], "last": segments[-1]}
    return {
        "label": document["label"],
        "data": document["data"],
        "weights": document["weights"],
        "survivors": document["survivors"],
        "learning_rate": document["learning_rate"],
        "schedule": document["schedule"],
        "seed": document["seed"],
        "pretraining": {key: [row[key] for row in document["pretraining"]] for key in ("accuracy", "loss")},
        "steps": {key: _six([row[key] for row in steps]) for key in ("step", "accuracy", "loss")},
        "downloads": {
            key: _six([row[key] for row in steps if row["phase"] == "download"])
            for key in ("step", "accuracy")
        },
        "reference": {
            key: _six([row[key] for row in document["reference"]["steps"]])
            for key in ("step", "accuracy", "loss")
        },
        "final": document["final"],
        "segments": [
            {
                "first": row["first"],
                "steps": row["steps"],
                "update": row["update"],
                "truncation": row["truncation"],
                "download": row["download"],
                "replaced_survivors": row["replaced_survivors"],
                "modes": None if row["spectrum"]["modes"] is None else _six(row["spectrum"]["modes"]),
            }
            for row in segments
        ],
        "spectra": {key: row["first"] for key, row in kept.items()},
    }


def _six(values: list[float]) -> list[float]:
    return [value if isinstance(value, int) else float(f"{value:.6g}") for value in values]


def _write(name: str, document: Mapping[str, Any]) -> None:
    with atomic_file(DATA / name) as place:
        place.write_text(json_text(document, indent=None) + "\n", encoding="utf-8")
    sys.stderr.write(f"wrote {DATA / name}\n")


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return found


def draw(target: Path = FIGURES) -> list[Path]:
    """Draw every figure whose data are there; return the files."""
    large = {name: found for name in ("7M", "103M") if (found := large_spectrum(name))}
    digits = _read("digits_carleman.json")
    seven, tall = large.get("7M"), 8.4 if "7M" in large else 5.6
    drawings: dict[str, tuple[Drawing, float]] = {
        "fig2a_hessian.svg": (lambda figure: draw_spectra(figure, digits, seven), tall),
        "fig2b_proxy.svg": (lambda figure: draw_proxies(figure, digits, seven), tall),
        "fig2c_accuracy.svg": (draw_accuracy, 5.6),
        "scaling_T.svg": (draw_scaling, 5.0),
    }
    if "103M" in large:
        drawings["fig3_103M.svg"] = (lambda figure: draw_large(figure, large["103M"]), 5.6)
    else:
        sys.stderr.write("no spectrum of the 103M network in estimates/hessian: fig3 is not drawn\n")
    return [_saved(target / name, drawing, height) for name, (drawing, height) in drawings.items()]


def _saved(place: Path, drawing: Drawing, height: float) -> Path:
    with look():
        figure = Figure(figsize=(7.2, height), layout="constrained")
        drawing(figure)
        with atomic_file(place) as file:
            file.write_text(saved(figure), encoding="utf-8")
    return place


# --- the large networks ------------------------------------------------------------------------------------


def large_spectrum(name: str) -> dict[str, Any] | None:
    """Return {label, a, weights, n, survivors} of a file of `carlemanc dissipation`; None where there is none.

    The files here are older than the key `checked`, what was compared before a spectrum was taken: it is not read.
    """
    for place in sorted(HESSIAN.glob("*/spectrum.json")):
        document = json.loads(place.read_text(encoding="utf-8"))
        if _size_name(document["parameters"]) != name:
            continue
        spectrum = document["spectrum"]
        known = np.array(spectrum["deflated"] or [])
        probes = spectrum["probes"]
        rest = (spectrum["n"] - len(known)) / max(1, len(probes))
        nodes = np.concatenate([known, *(np.array(probe["nodes"]) for probe in probes)])
        weights = np.concatenate(
            [np.ones(len(known)), *(rest * np.array(probe["weights"]) for probe in probes)]
        )
        return {
            "label": textwrap.fill(document["label"], 104),
            "a": -nodes,
            "weights": weights,
            "n": spectrum["n"],
            "parameters": document["parameters"],
            "learning_rate": document["learning_rate"],
            "steps": document["steps"],
        }
    return None


def _size_name(parameters: int) -> str:
    return f"{round(parameters / 1e6)}M"


def draw_large(figure: Figure, found: Mapping[str, Any]) -> None:
    """Draw spectrum and proxy of one large network."""
    top, bottom = figure.subplots(2, 1)
    draw_rule(top, found)
    draw_rule_proxy(bottom, found)
    figure.suptitle(
        f"{found['label']}\nspectrum by stochastic Lanczos quadrature; nothing was run on a circuit", **_TITLE
    )


_TITLE: dict[str, Any] = {"fontsize": 8.5, "x": 0.01, "ha": "left"}


def draw_rule(axes: Axes, found: Mapping[str, Any]) -> None:
    """Draw a quadrature rule as a histogram of modes."""
    edges = np.linspace(found["a"].min() * 1.02, max(found["a"].max() * 1.02, 0.1), 81)
    counts, _ = np.histogram(found["a"], bins=edges, weights=found["weights"])
    axes.stairs(np.maximum(counts, 1e-3), edges, fill=True, color=QUANTUM, alpha=0.75)
    _mode_axis(axes, f"{found['n']:,} of {found['parameters']:,} weights survive")
    axes.set_ylim(bottom=0.3)


def draw_rule_proxy(axes: Axes, found: Mapping[str, Any]) -> None:
    """Draw E(t) of a quadrature rule in both readings."""
    times = np.arange(0, 61)
    for scale, text, color in (
        (1.0, "gain |1 + a|ᵗ", GROWTH),
        (found["learning_rate"], f"gain |1 + ηa|ᵗ, η = {found['learning_rate']:g}", QUANTUM),
    ):
        proxy = error_proxy(found["a"], found["weights"], eta_s=scale)
        if proxy.kept:
            axes.semilogy(times, proxy.values(times), color=color, label=text)
    if axes.lines:
        axes.legend()
    else:
        axes.text(0.5, 0.5, "no mode with 0.4 ≤ |a| ≤ 1", transform=axes.transAxes, ha="center")
    axes.set_ylabel("error proxy E(t)")
    axes.set_xlabel("steps after an upload")


def _mode_axis(axes: Axes, title: str) -> None:
    axes.set_yscale("log")
    axes.set_title(title)
    axes.set_xlabel("a = −(eigenvalue of the Hessian): negative dissipative, positive divergent")
    axes.set_ylabel("modes")
    for place in (-0.4, 0.4):
        axes.axvline(place, color=CLASSICAL, linewidth=0.8, linestyle=":")


# --- digits --------------------------------------------------------------------------------------------------


def _digits_title(document: Mapping[str, Any]) -> str:
    return (
        f"64-16-10 square-activation network, sklearn digits (real data), {document['survivors']} of "
        f"{document['weights']:,} weights"
    )


def draw_spectra(figure: Figure, digits: Mapping[str, Any], large: Mapping[str, Any] | None) -> None:
    """Draw the Hessian's modes at the first and the last upload, and those of the 7M network."""
    panels = figure.subplots(3 if large else 2, 1)
    first, last = digits["segments"][0], digits["segments"][-1]
    every = np.concatenate([first["modes"], last["modes"]])
    edges = np.linspace(every.min() * 1.02, every.max() * 1.1, 61)
    for axes, segment, text in (
        (panels[0], first, "after pruning, first upload"),
        (panels[1], last, f"after {last['first']} steps, last upload"),
    ):
        modes = np.array(segment["modes"])
        axes.stairs(np.histogram(modes, bins=edges)[0], edges, fill=True, color=QUANTUM, alpha=0.75)
        strong = int((modes >= 0.1).sum())
        _mode_axis(
            axes,
            f"{text}: {int((modes > 0).sum())} divergent modes, {strong} of a ≥ 0.1, largest {modes.max():.3g}",
        )
        axes.set_ylim(bottom=0.6)
    panels[0].set_xlabel("")
    if large:
        draw_rule(panels[2], large)
        panels[2].set_title(large["label"])
    figure.suptitle(f"{_digits_title(digits)}; exact Hessian of the survivors", **_TITLE)


def draw_proxies(figure: Figure, digits: Mapping[str, Any], large: Mapping[str, Any] | None) -> None:
    """Draw the proxy along the schedule: it falls, grows, and every upload resets it."""
    panels = figure.subplots(3 if large else 2, 1)
    for axes, low in zip(panels, WINDOWS, strict=False):
        for segment in digits["segments"]:
            times = np.arange(segment["steps"] + 1)
            proxy = error_proxy(segment["modes"], window=(low, 1.0))
            if proxy.kept:
                axes.semilogy(segment["first"] + times, proxy.values(times), color=GROWTH)
            axes.axvline(segment["first"], color=CLASSICAL, linewidth=0.5, linestyle=":")
        axes.axhline(1.0, color=CLASSICAL, linewidth=0.6)
        axes.set_ylabel("error proxy E(t)")
        axes.set_title(
            f"modes with {low:g} ≤ |a| ≤ 1, gain |1 + a|ᵗ (eqs. 7-8 read literally); dotted: re-uploads"
        )
    panels[1].set_xlabel("step")
    if large:
        draw_rule_proxy(panels[2], large)
        panels[2].set_title(large["label"])
    figure.suptitle(f"{_digits_title(digits)}\nevolution: {digits['label']}", **_TITLE)


def draw_accuracy(figure: Figure) -> None:
    """Draw accuracy and loss against steps for each scheme."""
    runs = {name: _read(f"digits_{name}.json") for name in RUNS}
    top, bottom = figure.subplots(2, 1, sharex=True)
    for axes, key in ((top, "accuracy"), (bottom, "loss")):
        for name in ("dense", "qram", "carleman", "emulated"):
            steps = runs[name]["steps"]
            axes.plot(steps["step"], steps[key], color=COLORS[name], label=NAMES[name])
        reference = runs["carleman"]["reference"]
        axes.plot(
            reference["step"],
            reference[key],
            color="black",
            linewidth=0.9,
            linestyle="--",
            label="pruned, gradient descent",
        )
        axes.set_ylabel(f"training {key}")
    bottom.set_xlabel("step (60 dense steps of pre-training before step 0)")
    top.legend(fontsize=7, loc="lower right")
    figure.suptitle(_digits_title(runs["carleman"]), **_TITLE)


# --- growth with T -------------------------------------------------------------------------------------------


def draw_scaling(figure: Figure) -> None:
    """Draw our counts against T in both regimes with the fitted powers."""
    scalings = _read("scaling_T.json")["scalings"]
    panels = figure.subplots(1, 2, sharey=False)
    for axes, key, title in (
        (panels[0], "queries", "queries to L in one run"),
        (panels[1], "t_count_of_all_runs", "T gates of all runs of one download"),
    ):
        for found, color in zip(scalings, (QUANTUM, GROWTH), strict=True):
            steps = np.array([point["steps"] for point in found["points"]])
            values = np.array([float(point[key]) for point in found["points"]])
            fit = found["exponents"][key]
            text = (
                f"{found['regime']}: T^({fit['exponent']:.2f} ± {fit['standard_error']:.2f}),\n"
                f"last doubling T^{found['exponents_of_the_last_two_points'][key]:.2f}; "
                f"claimed T^{found['claimed_power_of_T']}"
            )
            axes.loglog(steps, values, "o-", color=color, label=text, markersize=3.5)
            axes.loglog(
                steps,
                np.exp(fit["log_prefactor"]) * steps ** fit["exponent"],
                color=color,
                linewidth=0.6,
                linestyle="--",
            )
        axes.set_title(title)
        axes.set_xlabel("T, steps between uploads")
        axes.legend(fontsize=7, loc="upper left")
    figure.suptitle(
        "driven ring of 8 quartic wells, counts of emitted circuits; regimes by carlemanc's definitions",
        **_TITLE,
    )


def main() -> None:
    """Compute unless `--draw`, then draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--draw", action="store_true", help="draw from the data that are there")
    if not parser.parse_args().draw:
        compute()
    for place in draw():
        sys.stderr.write(f"wrote {place}\n")


if __name__ == "__main__":
    main()
