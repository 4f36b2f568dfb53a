"""Bloqs of ours in Qualtran's own serialization: it writes them as they are, and reads classes that it was told of."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from carlemanc.core.errors import InputError, Problem

if TYPE_CHECKING:
    from qualtran import Bloq
    from qualtran.protos.bloq_pb2 import BloqLibrary

_OURS: Final = "carlemanc."


def read_bloqs(library: BloqLibrary) -> list[Bloq]:
    """Return the bloqs of what `qualtran.serialization.bloq.bloqs_to_proto` wrote, in its order, ours among them.

    A bloq of ours is written under its module and class; the module is imported and the class added to those that
    Qualtran resolves, after which Qualtran's `bloqs_from_proto` reads such a library too.

    Raises InputError where a name of ours is no bloq of this version.
    """
    from qualtran.serialization.bloq import bloqs_from_proto
    from qualtran.serialization.resolver_dict import add_to_resolver_dict

    names = sorted({entry.bloq.name for entry in library.table if entry.bloq.name.startswith(_OURS)})
    add_to_resolver_dict(*map(_bloq_class, names))
    bloqs: list[Bloq] = bloqs_from_proto(library)
    return bloqs


def _bloq_class(name: str) -> type[Bloq]:
    from qualtran import Bloq

    module, _, attribute = name.rpartition(".")
    try:
        found: object = getattr(import_module(module), attribute)
    except (ImportError, AttributeError):
        found = None
    if isinstance(found, type) and issubclass(found, Bloq):
        return found
    problem = Problem(
        where="library", found=name, allowed="bloqs of this version of carlemanc and of Qualtran"
    )
    raise InputError("a serialized bloq is not known", [problem])
