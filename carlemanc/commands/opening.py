"""Where every command on circuits begins: a spec with what it asks for, and the stages made from it so far."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from carlemanc.access.access import Access, System
from carlemanc.access.facts import Facts
from carlemanc.commands.training_warnings import warn_training
from carlemanc.core.errors import TooLarge
from carlemanc.core.memo import Memo
from carlemanc.evaluation.choice import Choice, choose
from carlemanc.evaluation.comparison import candidate, draft_of
from carlemanc.evaluation.design import Design, evaluation_memo, opened
from carlemanc.evaluation.draft import Draft
from carlemanc.evaluation.evaluate import designed
from carlemanc.evaluation.search.order import with_order
from carlemanc.evaluation.settle import counted_access, settle, settled
from carlemanc.linear_system.lifted import Lifted
from carlemanc.methods.amplified import idle_amplification
from carlemanc.model.upload import Upload
from carlemanc.programs.angles import TOLERANCE
from carlemanc.programs.emitter import emit
from carlemanc.programs.program import CODE, Program
from carlemanc.sources.choices import chosen_values
from carlemanc.sources.configuration import DEFAULT_HARDWARE, READOUT, Configuration, Request, request_of
from carlemanc.sources.source import SpecLike, loaded
from carlemanc.sources.systems import system_of, with_entries
from carlemanc.spec.loading import load_spec
from carlemanc.spec.schema import ModelSpec

SOLVED = ("solver", "full")
"""Stages whose circuit is the method's."""
LARGEST_ALPHA = TOLERANCE**-2
"""Of a history system that is emitted."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Opened:
    """A spec that circuits are made for.

    Args:
        spec: validated, overrides written in.
        asked: what it asks for.
        memo: finds stages again.
        synthesized: whether files will have words in place of rotations.
        searched: whether keys that are left out are searched; else their own rules hold, as for what means L and b
            whatever the method.
        emits: whether only circuits with gates will do.
    """

    spec: ModelSpec
    asked: Request
    memo: Memo
    synthesized: bool = False
    searched: bool = True
    emits: bool = False

    @property
    def system(self) -> System:
        """What is solved."""
        return system_of(self.memo, self.request.at.source, self.request.at.lift)

    @property
    def lifted(self) -> Lifted:
        """The lifted training, where the spec is of one. Raises TypeError for a linear system as it is."""
        if not isinstance(self.system, Lifted):
            raise TypeError("a linear system as it is trains nothing")
        return self.system

    @cached_property
    def choice(self) -> Choice:
        """The configuration, the spec's own or searched."""
        if not self.searched:
            return Choice(request=with_order(self.memo, self.asked))
        return choose(self.memo, self.asked, self.spec.name, synthesized=self.synthesized, emits=self.emits)

    @property
    def request(self) -> Request:
        """What is asked for, with the configuration that was chosen."""
        return self.choice.request

    @property
    def choices(self) -> dict[str, dict[str, Any]]:
        """Each key that can be searched with its value, and whether the spec or the search chose it."""
        return chosen_values(self.asked, self.request.at, self.memo)

    @property
    def draft(self) -> Draft:
        """Its configuration with the shares of epsilon."""
        return draft_of(self.memo, self.request, self.request.at)

    def draft_at(self, at: Configuration) -> Draft:
        """Return the draft of another configuration of this method."""
        return draft_of(self.memo, self.request, at)

    @cached_property
    def design(self) -> Design:
        """What is run, with everything that a circuit needs."""
        return settle(self.memo, self.draft)

    @cached_property
    def counted(self) -> Design:
        """The same for counts alone."""
        return settle(self.memo, self.draft, phases=False)

    def designed(self) -> Design:
        """Return the design with its phases where it is short enough to be emitted for its counts."""
        return designed(self.memo, self.draft, synthesized=self.synthesized)

    @cached_property
    def leading(self) -> Access[Facts]:
        """The access to L and b, L as fine as all methods that invert it have it."""
        return counted_access(self.memo, candidate(self.request, self.request.leading))

    def leading_within(self, rounding: float) -> Access[Facts]:
        """Return the access to L and b with the rounding of L within a number of its own."""
        at = candidate(self.request, self.request.leading)
        return settled(self.memo, at, opened(self.memo, at), rounding)

    @property
    def preparation(self) -> Any:
        """The preparation of b/||b||."""
        return opened(self.memo, candidate(self.request, self.request.leading)).start

    def warn(self) -> None:
        """Issue the warnings that the training deserves."""
        if isinstance(self.system, Lifted):
            warn_training(self.system)
        readout = self.spec.readout
        if readout.observables and readout.target != "observables":
            names = ", ".join(readout.observables)
            warnings.warn(
                f'readout.observables ({names}) is not read: readout.target = "{readout.target}"',
                stacklevel=3,
            )


def open_spec(
    spec: SpecLike,
    overrides: Iterable[str] = (),
    *,
    synthesized: bool = False,
    memo: Memo | None = None,
    upload: Upload | None = None,
    command: str = "",
    hardware: str = DEFAULT_HARDWARE,
    searched: bool = True,
    emits: bool = False,
    sampled: bool = False,
) -> Opened:
    """Open a spec. Raises InputError, also for a map known by its shape where `command` needs its entries.

    Args:
        spec: the model, or one segment of its schedule with `upload`.
        overrides: `KEY=VALUE` strings.
        synthesized, searched, emits: see `Opened`.
        memo: of this process.
        upload: a segment of the spec's schedule.
        command: that needs entries of the map.
        hardware: preset whose seconds are compared.
        sampled: what is read is shots of the run itself, as a device gives them, where the spec does not say.
    """
    model = loaded(spec, overrides) if upload is None else load_spec(spec, overrides)
    asked, memo = replace(request_of(model, upload), hardware=hardware), memo or evaluation_memo()
    if sampled:
        asked = replace(asked, free=tuple(key for key in asked.free if key != READOUT))
    if command:
        with_entries(system_of(memo, asked.at.source, asked.at.lift), command)
    return Opened(spec=model, asked=asked, memo=memo, synthesized=synthesized, searched=searched, emits=emits)


def warn_idle(design: Design) -> None:
    """Issue a warning where the spec asks for amplification and no round helps."""
    if idle := idle_amplification(design.plan):
        warnings.warn(idle, stacklevel=3)


def solver_program(design: Design, name: str, *, measures: bool = False) -> Program:
    """Emit a run's circuit, `measures`: with every register measured at its end. Raises TooLarge.

    Args:
        design: what is run.
        name: of the spec, for the program's metadata.
        measures: read all registers.
    """
    program = encoding_program(design.circuit, design.access.encodings[0], name, "solver", design.system)
    if not measures:
        return program
    return replace(measured(program), metadata={**program.metadata, "stage": "full"})


def encoding_program(bloq: Any, encoding: Any, name: str, stage: str, system: System) -> Program:
    """Emit a circuit that queries an encoding. Raises TooLarge where its amplitudes count as zero."""
    if isinstance(system, Lifted):
        check_resolved(encoding)
    metadata = {"carlemanc": "program", "spec": name, "stage": stage, "alpha": encoding.alpha}
    return replace(emit(bloq), metadata=metadata)


def stage_bloq(found: Opened, stage: str) -> Any:
    """Return the circuit of a stage of CONTRACT section 2, without the measurements at its end."""
    if stage in SOLVED:
        return found.design.circuit
    return found.leading.encodings[0] if stage == "block-encoding" else found.preparation


def stage_program(found: Opened, stage: str) -> Program:
    """Emit the circuit of a stage of CONTRACT section 2."""
    name, bloq = found.spec.name, stage_bloq(found, stage)
    if stage in SOLVED:
        return solver_program(found.design, name, measures=stage == "full")
    if stage == "block-encoding":
        return encoding_program(bloq, bloq, name, stage, found.system)
    metadata = {"carlemanc": "program", "spec": name, "stage": stage}
    return replace(emit(bloq), metadata=metadata)


def check_resolved(encoding: Any) -> None:
    """Refuse to emit an encoding of L whose smallest amplitudes are angles that count as zero. Raises TooLarge.

    L has entries of size 1 (its diagonal), which a block encoding weighs with alpha^(-1/2) on either side.
    """
    if encoding.alpha > LARGEST_ALPHA:
        raise TooLarge(
            "the block encoding",
            size=f"alpha = {encoding.alpha:.3g}, with amplitudes of {encoding.alpha**-0.5:.1g}",
            limit=f"alpha = {LARGEST_ALPHA:.3g}, amplitudes of {TOLERANCE:g}, in double precision",
            instead="Its cost can still be counted: carlemanc estimate. A center nearer to zero makes it smaller.",
        )


def measured(program: Program) -> Program:
    """Measure every register, the ancillas of the block encoding first."""
    names = sorted(program.registers, key=lambda name: name == "system")
    wires = [wire for name in names for wire in program.registers[name]]
    places = np.full((len(wires), 3), -1, dtype=np.int32)
    places[:, 0] = wires
    return replace(
        program,
        codes=np.concatenate([program.codes, np.full(len(wires), CODE["measure"], dtype=np.uint8)]),
        wires=np.concatenate([program.wires, places]),
        angles=np.concatenate([program.angles, np.zeros(len(wires))]),
    )
