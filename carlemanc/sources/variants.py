"""One thing about a training changed: where it starts, how fast it learns, how many steps it takes."""

from __future__ import annotations

from dataclasses import dataclass

from carlemanc.linear_system.lifted import Lifted
from carlemanc.model.weights import point_norm
from carlemanc.sources.other_sizes import why_steps_are_fixed
from carlemanc.sources.source import Source, source_of
from carlemanc.spec.loading import load_spec
from carlemanc.spec.schema_training import SparseStart


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A change of a source.

    Args:
        what: the key that is changed, as in a spec.
        before, after: its values, in words.
        override: the change as after `--set`.
    """

    what: str
    before: str
    after: str
    override: str

    def of(self, source: Source) -> Source:
        """Return the changed source. Raises InputError where it is refused."""
        return source_of(load_spec(source.spec, (self.override,)))


def variants(source: Source, lifted: Lifted, *, followed: bool) -> tuple[Variant, ...]:
    """Return the changes of a training that a spec of this kind allows; other files are not asked for.

    Args:
        source: what is trained.
        lifted: the same, lifted.
        followed: whether other steps and rates are wanted too: planning them follows them step by step.
    """
    if lifted.is_shaped or source.upload is not None:
        return ()
    found = [_other_start(source, lifted)]
    if followed:
        found += [_half_the_steps(source, lifted), _half_the_rate(source)]
    return tuple(variant for variant in found if variant is not None)


def _half_the_steps(source: Source, lifted: Lifted) -> Variant | None:
    half = lifted.steps // 2
    if not half or why_steps_are_fixed(source, lifted):
        return None
    return Variant(
        what="training.steps",
        before=str(lifted.steps),
        after=str(half),
        override=f"training.steps={half}",
    )


def _half_the_rate(source: Source) -> Variant | None:
    """Steps of half the size: each dissipates less, and a run keeps more of what it reads."""
    rate = source.spec.training.learning_rate
    if rate is None:
        return None
    return Variant(
        what="training.learning_rate",
        before=f"{rate:g}",
        after=f"{rate / 2:g}",
        override=f"training.learning_rate={rate / 2!r}",
    )


def _other_start(source: Source, lifted: Lifted) -> Variant | None:
    """A start of every site in place of few, and of one site in place of many, of the same norm; lattices alone."""
    spec = source.spec
    if spec.loss is None or spec.training.initial is None or lifted.sequence.maps[0].lattice is None:
        return None
    norm = point_norm(lifted.displacement)
    if isinstance(spec.training.initial, SparseStart):
        each = norm / lifted.n**0.5
        start, after = f'{{function="{each!r}"}}', f"{each:.3g} at every site"
    else:
        start, after = f'{{sparse={{"0"={norm!r}}}}}', f"{norm:.3g} at one site"
    before = f"norm {norm:.3g} on {_sites(source, lifted)}"
    return Variant(what="training.initial", before=before, after=after, override=f"training.initial={start}")


def _sites(source: Source, lifted: Lifted) -> str:
    start = source.spec.training.initial
    count = len(start.sparse) if isinstance(start, SparseStart) else lifted.n
    return "1 site" if count == 1 else f"{count} sites"
