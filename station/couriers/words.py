"""What couriers' pages say of things that are stored as codes."""

from collections.abc import Iterable

from station.carriers.catalogue import CARRIERS
from station.core.i18n import gettext as _
from station.core.i18n import language
from station.parcels.words import PROBLEMS

COMMAS = {"zh": "、"}  # between the parts of a list


def carrier(code: str | None) -> str:
    """Return a carrier's short name."""
    return CARRIERS[code].short_name(language()) if code in CARRIERS else _("not known")


def carriers(codes: Iterable[str]) -> str:
    """Return carriers' short names in one line."""
    return COMMAS.get(language(), ", ").join(map(carrier, codes))


def problem(code: str) -> str:
    """Return what is wrong with a parcel."""
    return _(next((words for known, words in PROBLEMS.items() if known == code), code))
