"""From the loss to the circuit: what each stage made of the spec, and what is assumed on the way."""

from __future__ import annotations

from typing import Any

from carlemanc.present.number_words import integer, prose, real
from carlemanc.present.page.document import Bullets, Column, Fact, Facts, Paragraph, Row, Section, Table
from carlemanc.present.page.material import Material, table
from carlemanc.present.page.material import Table as Json

_LONGEST = 400
"""Characters of an expression that are shown."""


def pipeline_section(material: Material) -> Section | None:
    """Return what the stages made, None where nothing is known."""
    estimate, analysis = table(material.subject), table(material.analysis)
    facts = [*_source(material), *_sizes(material), *_regime(estimate, analysis), *_system(estimate)]
    if not facts:
        return None
    blocks = [Facts(facts=tuple(facts)), *_certificates(analysis)]
    if not analysis:
        blocks.append(
            Paragraph(
                text="Regime, ratio R and truncation certificates are not here: see “What is not here” below."
            )
        )
    return Section(title="From the loss to the circuit", anchor="pipeline", blocks=tuple(blocks))


def assumptions_section(material: Material) -> Section | None:
    """Return what the numbers rest on."""
    lines = table(material.subject).get("assumptions")
    if not isinstance(lines, list) or not lines:
        return None
    items = tuple(prose(str(line)) for line in lines)
    return Section(title="Assumptions", anchor="assumptions", blocks=(Bullets(items=items),))


def _source(material: Material) -> list[Fact]:
    spec, facts = material.spec, []
    loss, network = table(spec.get("loss")), table(spec.get("network"))
    if loss.get("expression"):
        parameters = ", ".join(f"{key} = {value}" for key, value in table(loss.get("parameters")).items())
        facts.append(Fact(name="loss", value=_short_text(loss["expression"]), note=_short_text(parameters)))
    if network:
        given = network.get("layers")
        layers = given if isinstance(given, list) else []
        shape = ", ".join(
            f"{table(layer).get('units', '?')} {table(layer).get('activation', '?')}" for layer in layers
        )
        what = f"layers {shape}" if layers else str(network.get("module", ""))
        facts.append(Fact(name="network", value=_short_text(what), note=f"{network.get('loss', '')} loss"))
    for key, name, field in (("map", "map", "file"), ("system", "linear system", "matrix")):
        if table(spec.get(key)):
            facts.append(Fact(name=name, value=_short_text(table(spec[key]).get(field, ""))))
    data, training = table(spec.get("data")), table(spec.get("training"))
    if data:
        facts.append(Fact(name="data", value=_short_text(data.get("source", ""))))
    if training.get("learning_rate") is not None:
        facts.append(Fact(name="learning rate", value=real(training["learning_rate"])))
    return facts


def _sizes(material: Material) -> list[Fact]:
    estimate, analysis = table(material.subject), table(material.analysis)
    names = {"n": ("n", "weights"), "T": ("T", "steps"), "N": ("N", "Carleman order")}
    facts = [
        Fact(name=name, value=integer(estimate[key]), note=note)
        for key, (name, note) in names.items()
        if estimate.get(key) is not None
    ]
    if analysis.get("degree") is not None:
        facts.append(
            Fact(name="q", value=integer(analysis["degree"]), note="degree of the gradient-descent map")
        )
    if analysis.get("center") is not None:
        facts.append(
            Fact(name="center", value=_short_text(analysis["center"]), note="expansion point theta_0")
        )
    if analysis.get("gamma") is not None:
        facts.append(
            Fact(name="gamma", value=real(analysis["gamma"]), note="rescaling, theta = center + gamma y_1")
        )
    return facts


def _regime(estimate: Json, analysis: Json) -> list[Fact]:
    regime = table(estimate.get("regime")).get("name") or analysis.get("regime")
    facts = [Fact(name="regime", value=regime)] if regime else []
    if not analysis:
        return facts
    ratio = analysis.get("R")
    facts += [
        Fact(name="mu", value=real(analysis.get("mu")), note="1 − ‖I + F_1‖"),
        Fact(
            name="R", value="none" if ratio is None else real(ratio), note="below 1: the majorant contracts"
        ),
    ]
    order = analysis.get("smallest_order")
    words = "none found" if order is None else integer(order)
    note = f"certified truncation error at most {real(analysis.get('epsilon'))} ‖theta(T) − center‖"
    facts.append(Fact(name="smallest order for epsilon", value=words, note=note))
    flops = analysis.get("classical_flops")
    return [
        *facts,
        Fact(name="classical cost", value=integer(flops), note=_classical_note(analysis)),
    ]


def _classical_note(analysis: Json) -> str:
    program = analysis.get("classical_program")
    named = f" by the best program known to this tool: {program}" if program else ""
    return f"floating-point operations for T steps{named}"


def _system(estimate: Json) -> list[Fact]:
    if not estimate:
        return []
    kappa, queries = table(estimate.get("kappa")), table(estimate.get("queries"))
    facts = [
        Fact(
            name="alpha",
            value=real(estimate.get("alpha")),
            note="subnormalization of the block encoding of L",
        )
    ]
    if kappa.get("value") is None:
        facts.append(Fact(name="kappa", value="none", note=str(kappa.get("source", ""))))
    else:
        facts += [
            Fact(name="kappa", value=real(kappa["value"]), note=f"‖L‖ ‖L⁻¹‖, {kappa.get('source')}"),
            Fact(name="effective kappa", value=real(kappa.get("effective")), note="alpha ‖L⁻¹‖"),
        ]
    leaf = ", ".join(f"F_{key}: {value}" for key, value in table(estimate.get("leaf")).items())
    if leaf:
        facts.append(Fact(name="block encoding", value=_short_text(leaf), note="how each F_l is encoded"))
    return [
        *facts,
        Fact(name="solver", value=_short_text(estimate.get("method")), note=_degree(estimate)),
        Fact(
            name="queries to L", value=integer(queries.get("L")), note=f"and {integer(queries.get('b'))} to b"
        ),
        Fact(
            name="success probability",
            value=real(estimate.get("success_probability")),
            note="all ancillas |0⟩ at the end of a run",
        ),
        Fact(
            name="readout probability",
            value=real(estimate.get("readout_probability")),
            note="the time register at T or later, level 1",
        ),
    ]


def _degree(estimate: Json) -> str:
    return "" if estimate.get("degree") is None else f"polynomial of degree {integer(estimate['degree'])}"


def _certificates(analysis: Json) -> list[Any]:
    bounds, errors = table(analysis.get("truncation_bound")), table(analysis.get("truncation_error"))
    if not bounds:
        return []
    rows = tuple(
        Row(cells=(order, _bound(value), real(errors[order]) if order in errors else "not measured"))
        for order, value in bounds.items()
    )
    columns = (Column(name="order N"), Column(name="certified bound"), Column(name="measured"))
    return [
        Table(caption="Truncation error ‖theta_Carleman(T) − theta(T)‖ by order", columns=columns, rows=rows)
    ]


def _bound(value: Any) -> str:
    return "none: the certificate diverges" if value is None else real(value)


def _short_text(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text):,} characters)"
