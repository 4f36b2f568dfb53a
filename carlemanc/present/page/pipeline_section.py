"""From the loss to the circuit: what each stage made of the spec, and what is assumed on the way."""

from __future__ import annotations

from typing import Any

from carlemanc.present.number_words import chosen, count, prose, real
from carlemanc.present.page.document import Bullets, Fact, FactList, Paragraph, Section, listing
from carlemanc.present.page.files import Json, table
from carlemanc.present.page.material import Material
from carlemanc.present.page.reading import of_system

_LONGEST = 400
"""Characters of an expression that are shown."""


def pipeline_section(material: Material) -> Section | None:
    """Return what the stages made, None where nothing is known."""
    estimate, analysis = material.subject, material.analysis
    facts = [*_source(material), *_sizes(material), *_regime(estimate, analysis), *_system(estimate)]
    if not facts:
        return None
    blocks = [FactList(tuple(facts)), *_certificates(analysis)]
    if not analysis and not of_system(estimate):
        blocks.append(
            Paragraph(
                "Regime, ratio R and truncation certificates are not here: see “What is not here” below."
            )
        )
    start = "matrix" if of_system(estimate) else "loss"
    return Section(f"From the {start} to the circuit", "pipeline", tuple(blocks), folded=True)


def assumptions_section(material: Material) -> Section | None:
    """Return what the numbers rest on."""
    lines = material.subject.get("assumptions")
    if not lines:
        return None
    return Section("Assumptions", "assumptions", (Bullets(tuple(map(prose, lines))),), folded=True)


def _source(material: Material) -> list[Fact]:
    spec, facts = material.spec, []
    loss, network = table(spec.get("loss")), table(spec.get("network"))
    if loss.get("expression"):
        parameters = ", ".join(f"{key} = {value}" for key, value in table(loss.get("parameters")).items())
        facts.append(Fact("loss", _short_text(loss["expression"]), _short_text(parameters)))
    if network:
        given = network.get("layers")
        layers = given if isinstance(given, list) else []
        shape = ", ".join(
            f"{table(layer).get('units', '?')} {table(layer).get('activation', '?')}" for layer in layers
        )
        what = f"layers {shape}" if layers else str(network.get("module", ""))
        facts.append(Fact("network", _short_text(what), f"{network.get('loss', '')} loss"))
    for key, name, field in (("map", "map", "file"), ("system", "linear system", "matrix")):
        if table(spec.get(key)):
            facts.append(Fact(name, _short_text(table(spec[key]).get(field, ""))))
    data, training = table(spec.get("data")), table(spec.get("training"))
    if data:
        facts.append(Fact("data", _short_text(data.get("source", ""))))
    if training.get("learning_rate") is not None:
        facts.append(Fact("learning rate", chosen(training["learning_rate"])))
    return facts


def _sizes(material: Material) -> list[Fact]:
    estimate, analysis = material.subject, material.analysis
    names = {
        "n": ("n", "unknowns" if of_system(estimate) else "weights"),
        "T": ("T", "steps"),
        "N": ("N", "Carleman order"),
    }
    facts = [
        Fact(name, chosen(estimate[key]), note)
        for key, (name, note) in names.items()
        if estimate.get(key) is not None
    ]
    if analysis.get("degree") is not None:
        facts.append(Fact("q", count(analysis["degree"]), "degree of the gradient-descent map"))
    if analysis.get("center") is not None:
        facts.append(Fact("center", _short_text(analysis["center"]), "expansion point theta_0"))
    gamma = table(table(estimate.get("choices")).get("carleman.rescaling")).get(
        "value", analysis.get("gamma")
    )
    if gamma is not None:
        facts.append(Fact("gamma", real(gamma, 6), "rescaling, theta = center + gamma y_1"))
    return facts


def _regime(estimate: Json, analysis: Json) -> list[Fact]:
    regime = table(estimate.get("regime")).get("name") or analysis.get("regime")
    facts = [Fact("regime", regime)] if regime else []
    if not analysis:
        return facts
    ratio = analysis.get("R")
    facts += [
        Fact("mu", real(analysis.get("mu")), "1 − ‖I + F_1‖"),
        Fact("R", "none" if ratio is None else real(ratio), "below 1: the majorant contracts"),
    ]
    order = analysis.get("smallest_order")
    words = "none found" if order is None else count(order)
    note = f"certified truncation error at most {real(analysis.get('epsilon'))} ‖theta(T) − center‖"
    facts.append(Fact("smallest order for epsilon", words, note))
    flops = analysis.get("classical_flops")
    return [*facts, Fact("classical cost", count(flops), _classical_note(analysis))]


def _classical_note(analysis: Json) -> str:
    program = analysis.get("classical_program")
    named = f" by the best program known to this tool: {program}" if program else ""
    return f"floating-point operations for T steps{named}"


def _system(estimate: Json) -> list[Fact]:
    if not estimate:
        return []
    kappa, queries = table(estimate.get("kappa")), table(estimate.get("queries"))
    facts = [Fact("alpha", real(estimate.get("alpha")), "subnormalization of the block encoding of L")]
    if kappa.get("value") is None:
        facts.append(Fact("kappa", "none", str(kappa.get("source", ""))))
    else:
        facts += [
            Fact("kappa", real(kappa["value"]), f"‖L‖ ‖L⁻¹‖, {kappa.get('source')}"),
            Fact("effective kappa", real(kappa.get("effective")), "alpha ‖L⁻¹‖"),
        ]
    leaf = ", ".join(f"F_{key}: {value}" for key, value in table(estimate.get("leaf")).items())
    if leaf:
        facts.append(Fact("block encoding", _short_text(leaf), "how each F_l is encoded"))
    return [
        *facts,
        Fact("solver", _short_text(estimate.get("method")), _degree(estimate)),
        Fact("queries to L", count(queries.get("L")), f"and {count(queries.get('b'))} to b"),
        Fact(
            "success probability",
            real(estimate.get("success_probability")),
            f"all ancillas |0⟩ at the end of a run{_rounds(estimate)}",
        ),
        Fact(
            "readout probability",
            real(estimate.get("readout_probability")),
            "" if of_system(estimate) else "the time register at T or later, level 1",
        ),
    ]


def _rounds(estimate: Json) -> str:
    found = table(estimate.get("amplification"))
    if not found.get("rounds"):
        return ""
    answer = ", one of which flags the answer" if found.get("flag") == "readout" else ""
    return f"{answer}, after {count(found['rounds'])} rounds of amplification"


def _degree(estimate: Json) -> str:
    return "" if estimate.get("degree") is None else f"polynomial of degree {count(estimate['degree'])}"


def _certificates(analysis: Json) -> list[Any]:
    bounds, errors = table(analysis.get("truncation_bound")), table(analysis.get("truncation_error"))
    if not bounds:
        return []
    return [
        listing(
            "Truncation error ‖theta_Carleman(T) − theta(T)‖ by order",
            bounds,
            {
                "order N": str,
                "certified bound": lambda order: (
                    "none: the certificate diverges" if bounds[order] is None else real(bounds[order])
                ),
                "measured": lambda order: real(errors[order]) if order in errors else "not measured",
            },
        )
    ]


def _short_text(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text):,} characters)"
