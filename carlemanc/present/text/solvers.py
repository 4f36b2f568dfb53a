"""The comparison of solvers as a table, one method a line."""

from __future__ import annotations

from carlemanc.pipeline.solver_choice import SolverTable
from carlemanc.present.text import text


@text.register
def solvers_text(table: SolverTable) -> str:
    """Return the table and the choice; a method that does not apply has its reason."""
    lines = [
        f"{table.name}: T with rotations synthesized; a run is read with probability success times readout",
        "method    kappa      queries to L  to b        qubits  T per run   success   readout   runs       "
        "expected T",
    ]
    for row in table.rows:
        if row.plan is None:
            lines.append(f"{row.method:<9} does not apply: {row.reason}")
            continue
        plan, mark = row.plan, "" if row.is_counted else "   (queries priced)"
        mark += "" if plan.is_certified else "   (error measured, not proved: auto does not take it)"
        success = f"{'>=' if plan.success_is_bound else ''}{plan.success_probability:.4g}"
        kappa = "-" if row.kappa is None else f"{row.kappa:.4g}"
        lines.append(
            f"{row.method:<9} {kappa:<10} {plan.queries_L:<13} {plan.queries_b:<11} "
            f"{row.qubits:<7} {row.t_per_run:<11.4g} {success:<9} "
            f"{row.readout_probability:<9.4g} {row.runs:<10.4g} {row.expected_t:.4g}{mark}"
        )
    return "\n".join([*lines, "", f"choice  {table.reason}"])
