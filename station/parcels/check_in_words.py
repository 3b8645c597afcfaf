"""What the check-in screen says, in the language spoken now. Plain functions: a template's macros cost more to call."""

from collections.abc import Callable
from typing import Any

from station.carriers.catalogue import CARRIERS
from station.core.errors import CATALOGUE
from station.core.i18n import gettext as _
from station.core.i18n import language
from station.core.i18n import lazy as _l
from station.parcels.lifecycle import ParcelState, Problem
from station.parcels.words import PROBLEMS


def headline(said: dict[str, Any]) -> str:
    """Return what happened and what to do next, in one line."""
    return _HEADLINES[said["kind"]](said)


def _stored(said: dict[str, Any]) -> str:
    parcel, row = said["parcel"], said["parcel"]["row"]["tag"]
    if parcel.get("found") and parcel["sticker"]:
        return _("%(found)s Print and stick a new sticker, put it on %(row)s", found=_found(parcel), row=row)
    if parcel.get("found"):
        return _("%(found)s Put it on %(row)s", found=_found(parcel), row=row)
    if parcel["sticker"]:
        return _("Checked in. Print and stick the sticker, put it on %(row)s", row=row)
    return _("Checked in. Put it on %(row)s", row=row)


def _aside(said: dict[str, Any]) -> str:
    parcel = said["parcel"]
    problem, row = problem_words(parcel["problem"]), parcel["row"]["tag"]
    aside = _("Set aside: %(problem)s. Put it on %(row)s", problem=problem, row=row)
    return f"{_found(parcel)} {aside}" if parcel.get("found") else aside


def _found(parcel: dict[str, Any]) -> str:
    return _(_FOUND[parcel["found"]])


def _undone(said: dict[str, Any]) -> str:
    if said["code"]:
        return _("Undone. Take the parcel back from the shelf")
    return _("Undone. This parcel is not checked in")


_FOUND = {
    ParcelState.LOST: _l("Found again: it was lost."),
    ParcelState.WRITTEN_OFF: _l("Found again: it was written off."),
}
_HEADLINES: dict[str, Callable[[dict[str, Any]], str]] = {
    "stored": _stored,
    "aside": _aside,
    "undone": _undone,
    "refused": lambda said: str(said["refusal"]["message"]),
    "row": lambda said: _("The next parcels go on %(row)s", row=said["row"]["tag"]),
    "damaged": lambda _said: _("Marked as damaged. Take a photo if you can"),
    "colleague": lambda _said: _("A colleague has checked this parcel in already"),
}


def used(stored: int, capacity: int) -> str:
    """Return how full a row is."""
    return _("%(stored)s of %(capacity)s used", stored=stored, capacity=capacity)


def problem_words(code: str) -> str:
    """Return what a problem is called."""
    return _(PROBLEMS[Problem(code)])


def refusal_words(code: str) -> str:
    """Return why a scan was refused."""
    return _(CATALOGUE[code][1]) if code in CATALOGUE else code


def carrier_name(code: str | None) -> str:
    """Return the carrier's full name."""
    return CARRIERS[code].name(language()) if code in CARRIERS else _("Not known")


def carrier_badge(code: str | None) -> str:
    """Return the carrier's short name, nothing for none."""
    return CARRIERS[code].short_name(language()) if code in CARRIERS else ""


def person(name: str, tail: str) -> str:
    """Return somebody's masked name and the phone's last four digits."""
    if not tail:
        return _("Nobody yet")
    return f"{name} · ···· {tail}" if name else f"···· {tail}"
