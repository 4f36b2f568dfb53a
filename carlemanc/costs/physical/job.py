"""What a machine has to do: logical qubits and the gates that cost time and magic states."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LogicalJob:
    """Counts of one circuit, exact integers.

    Attributes:
        qubits: logical qubits, at least 1.
        t: T gates, without those below.
        toffoli: Toffoli gates, each a CCZ state or four T states.
        rotations: rotations that were synthesized.
        rotation_t: T gates of all of them together.
        measurements: logical measurements that undo ANDs.
    """

    qubits: int
    t: int
    toffoli: int
    rotations: int
    rotation_t: int
    measurements: int

    def __post_init__(self) -> None:
        if (
            self.qubits < 1
            or min(self.t, self.toffoli, self.rotations, self.rotation_t, self.measurements) < 0
        ):
            raise ValueError("a job has at least one qubit and no negative count")

    @property
    def t_gates(self) -> int:
        """T gates, those of rotations included, without Toffoli."""
        return self.t + self.rotation_t

    @property
    def t_states(self) -> int:
        """T states with four a Toffoli (Beverland et al. 2022, eq. D4)."""
        return self.t_gates + 4 * self.toffoli

    @property
    def time_steps(self) -> int:
        """Logical time steps in sequence: M_meas + M_R + M_T + 3 M_Tof and each T of a rotation.

        Beverland et al. 2022 (arXiv:2211.07629), eq. D3, with as many rotation layers as rotations.
        """
        return self.measurements + self.rotations + self.t_gates + 3 * self.toffoli

    def times(self, runs: int) -> LogicalJob:
        """Return the job done `runs` times in sequence on the same qubits."""
        return LogicalJob(
            qubits=self.qubits,
            t=self.t * runs,
            toffoli=self.toffoli * runs,
            rotations=self.rotations * runs,
            rotation_t=self.rotation_t * runs,
            measurements=self.measurements * runs,
        )
