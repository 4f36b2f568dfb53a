"""The blocks of A drawn as tensor networks: one diagram a term, boxes F_l with l legs in and one out, identity wires.

Plain SVG text, no drawing library. The picture follows the paper's diagrams of the discretization error (Liu et
al. 2024): time runs to the left, so the legs on the right are the k columns, those on the left the j rows.
"""

from __future__ import annotations

from html import escape

from carlemanc.carleman.blocks import IDENTITY, Term, block_terms
from carlemanc.commands.derive import SHOWN_ORDER, Derivation
from carlemanc.core.errors import TooLarge
from carlemanc.present.figures import svg

MAX_TERMS = 2000
_LEG, _BOX, _TERM_GAP, _LABEL, _MARGIN = 14, 44, 26, 110, 12


@svg.register
def blocks_svg(found: Derivation) -> str:
    """Return a row for each block A^j_k and power of eta, a diagram for each of its terms, up to `SHOWN_ORDER`.

    Raises TooLarge above `MAX_TERMS` terms.
    """
    order, sequence = min(found.order, SHOWN_ORDER), found.training.sequence
    q, degrees, corrections = sequence.degree, sequence.degrees, found.corrections
    rows = [
        (j, k, m, terms)
        for j in range(1, order + 1)
        for k in range(min(j * q, order) + 1)
        for m, terms in block_terms(j, k, q, degrees=degrees, corrections=corrections).items()
    ]
    count = sum(len(terms) for *_, terms in rows)
    if count > MAX_TERMS:
        raise TooLarge(
            "the diagram", size=f"{count} terms", limit=str(MAX_TERMS), instead="Lower carleman.order."
        )
    body, y, width = [], _MARGIN, 0
    for j, k, m, terms in rows:
        height = max(_height(term) for term in terms)
        label = f"A<tspan baseline-shift='super' font-size='9'>{j}</tspan> k={k}, eta^{m}"
        body.append(f"<text x='{_MARGIN}' y='{y + height / 2 + 4}'>{label}</text>")
        x = _MARGIN + _LABEL
        for term in terms:
            body.append(_draw_term(term, x, y))
            x += _BOX + 2 * _LEG + _TERM_GAP
        width, y = max(width, x), y + height + _TERM_GAP
    style = "font-family='sans-serif' font-size='12' stroke-width='1.2'"
    title = escape(f"Blocks of A up to order {order}, degree {q}")
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{y}' viewBox='0 0 {width} {y}' {style}>"
        f"<title>{title}</title><rect width='100%' height='100%' fill='white'/>{''.join(body)}</svg>\n"
    )


def _legs(symbol: int | str) -> int:
    return 1 if symbol == IDENTITY else int(symbol)


def _height(term: Term) -> int:
    return sum(max(_legs(symbol), 1) for symbol in term) * 2 * _LEG


def _draw_term(term: Term, x: int, y: int) -> str:
    pieces = []
    for symbol in term:
        legs = _legs(symbol)
        height = max(legs, 1) * 2 * _LEG
        middle, right = y + height / 2, x + _LEG + _BOX
        if symbol == IDENTITY:
            pieces.append(_line(x, middle, right + _LEG, middle))
        else:
            top = y + _LEG / 2
            pieces.append(
                f"<rect x='{x + _LEG}' y='{top}' width='{_BOX}' height='{height - _LEG}' rx='4' fill='#dbe7f5' "
                f"stroke='#27496d'/><text x='{x + _LEG + _BOX / 2}' y='{middle + 4}' text-anchor='middle'>"
                f"F<tspan baseline-shift='sub' font-size='9'>{symbol}</tspan></text>"
            )
            pieces.append(_line(x, middle, x + _LEG, middle))
            pieces += [
                _line(right, y + (2 * leg + 1) * _LEG, right + _LEG, y + (2 * leg + 1) * _LEG)
                for leg in range(legs)
            ]
        y += height
    return "".join(pieces)


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f"<line x1='{x1}' y1='{y1}' x2='{x2}' y2='{y2}' stroke='#27496d'/>"
