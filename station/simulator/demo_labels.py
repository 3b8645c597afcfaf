"""A sheet of the labels that the demo's couriers may scan: what is announced and has not come yet, drawn as QR codes.

It is a file beside the database, written anew at every start, so that it never shows what was dropped before.
"""

from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from jinja2 import Environment

from station.carriers.catalogue import CARRIERS
from station.core.i18n import HTML_LANG, LANGUAGES, speaking
from station.core.i18n import gettext as _
from station.shelves import cards
from station.shelves.cards import QrDrawing
from station.simulator import queries

NAME = "demo-labels.html"
TEMPLATE = "simulator/labels.html"


@dataclass(frozen=True, slots=True)
class Label:
    """A parcel under way: its waybill, and the same as a QR code."""

    waybill: str
    drawing: QrDrawing


@dataclass(frozen=True, slots=True)
class Group:
    """The labels of one carrier."""

    title: str
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Sentences:
    """What the sheet says above the labels, in one language."""

    lang: str
    title: str
    text: str


def write(environment: Environment, station_id: int, folder: Path) -> Path:
    """Write the sheet into `folder` and return the file. Inside a transaction of the caller's."""
    sheet = environment.get_template(TEMPLATE).render(
        sentences=[_sentences(code) for code in LANGUAGES], groups=groups(station_id)
    )
    path = folder / NAME
    path.write_text(sheet, "utf-8")
    return path


def groups(station_id: int) -> list[Group]:
    """Return the labels of what is announced and has not come, by carrier."""
    found = queries.under_way(station_id)
    return [
        Group(
            f"{CARRIERS[carrier].name_zh} {CARRIERS[carrier].name_en}",
            tuple(Label(waybill, cards.draw(waybill)) for _carrier, waybill in rows),
        )
        for carrier, rows in groupby(found, itemgetter(0))
    ]


def _sentences(code: str) -> Sentences:
    with speaking(code):
        text = _(
            "Open the courier's page, scan the code on the counter's screen, then these labels with the camera;"
            " or type the numbers."
        )
        return Sentences(HTML_LANG[code], _("Parcels to drop at the demo station"), text)
