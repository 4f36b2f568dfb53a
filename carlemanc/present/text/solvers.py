"""The comparison of solvers as a table, one method a line."""

from __future__ import annotations

from carlemanc.evaluation.comparison import Comparison
from carlemanc.present.text import text
from carlemanc.present.text.layout import FIRST, View


@text.register
def solvers_text(table: Comparison, view: View = FIRST) -> str:
    """Return the table and the choice; a method that does not apply has its reason."""
    lines = [
        f"{table.name}: T with rotations synthesized; a run is read with probability success times readout",
        "method    kappa      queries to L  to b        qubits  T per run   success   readout   runs       "
        "expected T",
    ]
    for row in table.rows:
        cost = row.cost
        if cost is None:
            lines.append(f"{row.method:<9} does not apply: {row.reason}")
            continue
        mark = "" if cost.is_counted else "   (queries priced)"
        mark += "" if cost.is_certified else "   (error measured, not proved: auto does not take it)"
        success = f"{'>=' if cost.success_is_bound else ''}{cost.success_probability:.4g}"
        kappa = "-" if cost.kappa is None else f"{cost.kappa:.4g}"
        lines.append(
            f"{row.method:<9} {kappa:<10} {cost.queries_L:<13} {cost.queries_b:<11} "
            f"{cost.qubits:<7} {cost.t_of_a_run:<11.4g} {success:<9} "
            f"{cost.readout_probability:<9.4g} {cost.runs:<10.4g} {cost.expected_t:.4g}{mark}"
        )
    return "\n".join([*lines, "", f"choice  {table.reason}"])
