r"""theta(T) from a device: the solver circuit for success and magnitudes, and a circuit for signs.

Signs need no control of the solver where no initial weight is the center: the history state holds $u(0)$, whose signs
are known, beside $u(T)$ on the same wires. CNOTs take |T> of the time register to a single bit and H on it leaves
$(f_0 + f_T)/\sqrt 2$ and $(f_0 - f_T)/\sqrt 2$, as many qubits as before (derived here; all signs of a set are wrong
with probability at most $\exp(-2 M \sum \min(f_{0,i}, f_{T,i})^2)$). Otherwise the controlled circuit of
`readout.sign_circuit` runs, which is wider.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from carlemanc.backends.device_options import AS_IT_IS, DeviceOptions
from carlemanc.backends.device_run import DeviceCounts, run_on_device
from carlemanc.backends.devices import Device, expect_qubits, find_device, refuse_noise
from carlemanc.commands.opening import measured, solver_program
from carlemanc.commands.shot_readout import ShotReadout, chosen_shots, read_source
from carlemanc.core.arrays import Array, FloatArray, IntArray, Mask
from carlemanc.core.document import Document
from carlemanc.evaluation.design import Design
from carlemanc.linear_system.lifted import Lifted
from carlemanc.programs.emitter import emit
from carlemanc.programs.program import CODE, Program
from carlemanc.readout.sampling import Counts
from carlemanc.readout.sign_circuit import SignCircuit, sign_circuit

FAKE_SHOTS = 100
"""Default shots of a fake device: every noisy shot is simulated on its own, 0.3 s for 14 qubits (measured)."""
IBM_SHOTS = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceReport(Document):
    """The device, what ran on it, and the noiseless values beside it.

    Args:
        name: the device.
        device_qubits: its qubits.
        qubits: those the transpiled solver circuit uses.
        two_qubit, depth: of the transpiled solver circuit.
        sign_two_qubit, sign_depth: of the transpiled circuit for signs; None where no entry was seen.
        optimization_level, seed: of the transpiler.
        layout, decoupling, twirling, mitigation: as they were asked for.
        success_probability: measured.
        noiseless_success_probability, noiseless_theta: of the same circuit without noise, exactly; of a `[system]` the
            magnitudes of x in place of theta.
    """

    name: str
    device_qubits: int
    qubits: int
    two_qubit: int
    depth: int
    sign_two_qubit: int | None
    sign_depth: int | None
    optimization_level: int
    seed: int
    success_probability: float
    noiseless_success_probability: float
    noiseless_theta: list[float]
    layout: tuple[int, ...] | None = None
    decoupling: str | None = None
    twirling: str | None = None
    mitigation: bool = False


@dataclass(slots=True, kw_only=True)
class DeviceSource:
    """A `ReadoutSource` that runs both circuits on a device."""

    design: Design
    name: str
    device: Device
    seed: int
    options: DeviceOptions = AS_IT_IS
    solver_run: DeviceCounts | None = field(default=None)
    sign_run: DeviceCounts | None = field(default=None)

    def sample(self, shots: int) -> Counts:
        """Run the solver circuit and count the entries at t >= T, level 1, of the weights that can be nonzero."""
        run = self.solver_run = self._run(solver_program(self.design, self.name, measures=True), shots)
        good = run.values["ancilla"] == 0
        entries = _count(run, good, _read_indices(self.design)).sum(axis=0)
        return Counts(shots=shots, successes=_total(run.weights[good]), entries=entries)

    def sample_signs(self, reference: FloatArray, shots: int) -> tuple[IntArray, IntArray]:
        """Run the circuit for signs: interference with the initial weights, or with the reference state."""
        if not has_known_signs(self.design):
            return self._against(reference, shots)
        run = self.sign_run = self._run(measured(interference_program(self.design, self.name)), shots)
        good = run.values["ancilla"] == 0
        lifted = _trained(self.design)
        entries = [lifted.read_sites]
        layout, bit = lifted.history.layout, _pivot(lifted.steps)
        same, opposite = (_count(run, good, layout.index(time, 1, entries)) for time in (0, 1 << bit))
        flipped = lifted.u_in[lifted.read_sites] < 0
        return np.where(flipped, opposite, same), np.where(flipped, same, opposite)

    def _against(self, reference: FloatArray, shots: int) -> tuple[IntArray, IntArray]:
        run = self.sign_run = self._run(measured(controlled_program(self.design, reference)), shots)
        indices, found = _read_indices(self.design), []
        for flag in (0, 1):
            good = (run.values["ancilla"] == 0) & (run.values["flag"] == flag)
            found.append(_count(run, good, indices).sum(axis=0))
        return found[0], found[1]

    def _run(self, program: Program, shots: int) -> DeviceCounts:
        seed = self.seed + (self.solver_run is not None)  # noise of its own for the second circuit
        return run_on_device(program, self.device, shots=shots, seed=seed, options=self.options)

    def report(self, success: float, noiseless_success: float, noiseless: FloatArray) -> DeviceReport:
        """Return what ran; `sample` must have run."""
        assert self.solver_run is not None
        return DeviceReport(
            name=self.device.name,
            device_qubits=self.device.qubits,
            qubits=self.solver_run.qubits,
            two_qubit=self.solver_run.two_qubit,
            depth=self.solver_run.depth,
            sign_two_qubit=self.sign_run.two_qubit if self.sign_run else None,
            sign_depth=self.sign_run.depth if self.sign_run else None,
            optimization_level=self.options.level,
            layout=self.options.layout,
            decoupling=self.options.decoupling,
            twirling=self.options.twirling,
            mitigation=self.options.mitigation,
            seed=self.seed,
            success_probability=success,
            noiseless_success_probability=noiseless_success,
            noiseless_theta=noiseless.tolist(),
        )


def fitting_device(design: Design, backend: str, named: Device | None, options: DeviceOptions) -> Device:
    """Return the device that `fake:NAME`, `fake:smallest` or `ibm:NAME` stands for; `named`: where it has a name.

    Raises InputError, also for a layout of other qubits than circuits and device have, TooLarge where the circuits do
    not fit (naming the smallest fake device that does), or are too wide for the noise of a fake device: nothing was
    run or transpiled by then.
    """
    width = device_width(design)
    if backend.startswith("fake:"):
        refuse_noise(backend, width)
    device = find_device(backend, width) if named is None else expect_qubits(named, backend, width)
    options.check_layout(width, device.qubits)
    return device


def device_width(design: Design) -> int:
    """Return the qubits that the wider of both circuits needs, counted and not emitted; a `[system]` has one alone."""
    if design.lifted is None or has_known_signs(design):
        return design.counter.count(design.circuit).qubits
    number = len(design.system.read_sites)
    wider = _controlled(design, np.full(number, number**-0.5))
    return design.counter.count(wider).qubits


def has_known_signs(design: Design) -> bool:
    """Return whether the final state holds time 0 too and no initial weight is at the center: it tells all signs."""
    return design.access.answer.holds_start and bool(np.all(_trained(design).u_in != 0))


def interference_program(design: Design, name: str) -> Program:
    """Return the solver circuit with times 0 and T brought to interfere on one time wire."""
    program, history = solver_program(design, name), _trained(design).history
    system = program.registers["system"]
    time = [system[place] for place in history.layout.time_wires]
    pivot = time[_pivot(history.steps)]
    others = [wire for bit, wire in enumerate(time) if history.steps >> bit & 1 and wire != pivot]
    rows = [(CODE["cx"], pivot, wire) for wire in others] + [(CODE["h"], pivot, -1)]
    return replace(
        program,
        codes=np.concatenate([program.codes, np.array([row[0] for row in rows], dtype=np.uint8)]),
        wires=np.concatenate([program.wires, np.array([[*row[1:], -1] for row in rows], dtype=np.int32)]),
        angles=np.concatenate([program.angles, np.zeros(len(rows))]),
    )


def controlled_program(design: Design, reference: FloatArray) -> Program:
    """Return the circuit of the solver beside the reference state (d,) at the times T..T+p.

    The d entries are those of the weights that can be nonzero.
    """
    return emit(_controlled(design, reference))


def _controlled(design: Design, reference: FloatArray) -> SignCircuit:
    indices = _read_indices(design)
    spread = np.broadcast_to(reference / np.sqrt(len(indices)), indices.shape)
    return sign_circuit(design.circuit, indices, spread)


def _read_indices(design: Design) -> IntArray:
    """Basis states of the weights that can be nonzero at T, (copies, d)."""
    return design.access.answer.indices()[:, design.system.read_sites]


def _trained(design: Design) -> Lifted:
    assert design.lifted is not None  # a linear system as it is has no signs read
    return design.lifted


def _pivot(steps: int) -> int:
    """The most significant bit of T."""
    return steps.bit_length() - 1


def _count(run: DeviceCounts, good: Mask, indices: Array) -> IntArray:
    """How often each index occurs in the system register of the shots that are good, same shape as the indices."""
    seen, places = np.unique(run.values["system"][good].astype(object), return_inverse=True)
    times = np.bincount(places.reshape(-1), weights=run.weights[good], minlength=len(seen))
    table = dict(zip(seen.tolist(), times.tolist(), strict=True))
    flat = [table.get(index, 0.0) for index in np.asarray(indices).reshape(-1).tolist()]
    return _whole(np.array(flat)).reshape(np.shape(indices))


def _total(weights: FloatArray) -> int:
    return int(_whole(np.array([weights.sum()]))[0])


def _whole(times: FloatArray) -> IntArray:
    """Weighted counts as counts: rounded, and 0 where the correction of readout errors left less than nothing."""
    return np.maximum(np.rint(times), 0).astype(np.int64)


def device_shots(design: Design, device: Device, shots: int | None) -> int:
    """Return the shots to run: as asked for, else `readout.shots`, else a default of the kind of device."""
    wanted = design.goal.shots if shots is None else chosen_shots(design, shots)
    return wanted or (FAKE_SHOTS if device.is_fake else IBM_SHOTS)


def read_device(
    design: Design,
    name: str,
    device: Device,
    noiseless: tuple[FloatArray, float],
    *,
    shots: int | None,
    seed: int,
    options: DeviceOptions = AS_IT_IS,
) -> tuple[FloatArray, ShotReadout, DeviceReport]:
    """Run both circuits on the device; return theta, the readout and the report.

    Args:
        design: what is run.
        name: of the spec.
        device: with at least `device_width` qubits.
        noiseless: theta and success probability of the same circuit without noise.
        shots: of both circuits together; None: `readout.shots`, or a default where that is 0.
        seed: of the transpiler and of the noise of a fake device.
        options: of the device.
    """
    source = DeviceSource(design=design, name=name, device=device, seed=seed, options=options)
    theta, readout = read_source(design, source, shots=device_shots(design, device, shots), seed=seed)
    return theta, readout, source.report(readout.success_probability, noiseless[1], noiseless[0])
