"""Pages about what other commands than `estimate` and `sweep` wrote: which document stands for which."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from carlemanc.core.places import is_file
from carlemanc.present.page.dissipation_page import dissipation_page
from carlemanc.present.page.document import Document
from carlemanc.present.page.files import Json, damaged, document
from carlemanc.present.page.frontier_page import frontier_page
from carlemanc.present.page.material import USABLE
from carlemanc.present.page.other_forms import FRONTIER_FORM, RECORD_FORM, SPECTRUM_FORM
from carlemanc.present.page.shapes import Fields
from carlemanc.present.page.training_page import training_page

_Page = Callable[[Json, Path], Document]


def _frontier(found: Json, directory: Path) -> Document:
    if not found["points"]:
        raise damaged(str(directory / "frontier.json"), "a frontier without a point")
    return frontier_page(found, directory.name)


def _training(found: Json, directory: Path) -> Document:
    return training_page(found)


def _dissipation(found: Json, directory: Path) -> Document:
    if len(found["window"]) != 2:
        raise damaged(f"{directory / 'spectrum.json'}: window", f"{len(found['window'])} numbers", "two")
    return dissipation_page(found, directory)


OTHERS: dict[str, tuple[Fields, _Page]] = {
    "frontier.json": (FRONTIER_FORM, _frontier),
    "record.json": (RECORD_FORM, _training),
    "spectrum.json": (SPECTRUM_FORM, _dissipation),
}
"""Documents that have a page of their own where no estimate stands beside them."""


def other_page(directory: Path) -> Document | None:
    """Return the page of the first of these documents in a directory; None where there is none, or an estimate.

    Raises InputError where it has another form.
    """
    if any(is_file(directory / name) for name in USABLE):
        return None
    for name, (form, page) in OTHERS.items():
        found = document(directory / name, form)
        if found is not None:
            return page(found, directory)
    return None
