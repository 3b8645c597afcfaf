"""Suppliers: who delivers, and how an order reaches them."""

import re
from dataclasses import dataclass

from sqlalchemy import insert, select, update

from station.core import ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import LANGUAGES
from station.core.i18n import gettext as _
from station.core.phones import parse
from station.core.text import clean_line
from station.events.service import Event, append, take_turn
from station.group_buys.models import Supplier

NAME = 80  # characters
EMAIL = 254  # characters: RFC 5321, 4.5.3.1.3, without the angle brackets
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Details:
    """What is known of a supplier. Phone and e-mail may be empty."""

    name: str
    phone: str = ""
    email: str = ""
    language: str = "zh"


@dataclass(frozen=True, slots=True)
class Known:
    """A supplier of the station, as the manager sees them."""

    id: int
    name: str
    phone: str | None
    email: str | None
    language: str
    is_active: bool
    version: int


_COLUMNS = tuple(getattr(Supplier, name) for name in Known.__slots__)


def all_of(station_id: int) -> list[Known]:
    """Return the station's suppliers, active ones first, by name."""
    query = select(*_COLUMNS).where(Supplier.station_id == station_id)
    ordered = query.order_by(Supplier.is_active.desc(), Supplier.name, Supplier.id)
    return [Known(*row) for row in connection().execute(ordered)]


def get(station_id: int, supplier_id: int) -> Known:
    """Return a supplier. Raises StationError `not_found`."""
    query = select(*_COLUMNS).where(Supplier.station_id == station_id, Supplier.id == supplier_id)
    row = connection().execute(query).one_or_none()
    if row is None:
        raise StationError("not_found", _("This supplier does not exist at your station."))
    return Known(*row)


def add(actor: Actor, details: Details) -> int:
    """Add a supplier; return the id. Raises StationError `bad_input`, `supplier_taken` for a name that is there."""
    take_turn(actor.station_id)
    values = _values(details)
    _refuse_taken(actor.station_id, values["name"], other_than=None)
    supplier_id = ids.next_id()
    row = {"station_id": actor.station_id, "id": supplier_id, "is_active": True, "version": 1}
    connection().execute(insert(Supplier).values(**row, **values))
    append(actor, Event("supplier_added", data={"supplier": str(supplier_id)}))
    return supplier_id


def change(actor: Actor, supplier_id: int, details: Details) -> None:
    """Change what is known of a supplier. Raises StationError `bad_input`, `supplier_taken`, `not_found`."""
    take_turn(actor.station_id)
    get(actor.station_id, supplier_id)
    values = _values(details)
    _refuse_taken(actor.station_id, values["name"], other_than=supplier_id)
    _write(actor, "supplier_changed", supplier_id, values)


def retire(actor: Actor, supplier_id: int) -> None:
    """Offer a supplier for new campaigns no more. Raises StationError `not_found`."""
    take_turn(actor.station_id)
    if get(actor.station_id, supplier_id).is_active:
        _write(actor, "supplier_retired", supplier_id, {"is_active": False})


def reopen(actor: Actor, supplier_id: int) -> None:
    """Offer a supplier for new campaigns again. Raises StationError `not_found`."""
    take_turn(actor.station_id)
    if not get(actor.station_id, supplier_id).is_active:
        _write(actor, "supplier_reopened", supplier_id, {"is_active": True})


def _write(actor: Actor, kind: str, supplier_id: int, values: dict[str, object]) -> None:
    mine = (Supplier.station_id == actor.station_id, Supplier.id == supplier_id)
    connection().execute(update(Supplier).where(*mine).values(version=Supplier.version + 1, **values))
    append(actor, Event(kind, data={"supplier": str(supplier_id)}))


def _values(details: Details) -> dict[str, object]:
    name, email = clean_line(details.name, limit=NAME), clean_line(details.email, limit=EMAIL)
    if not name:
        raise StationError("bad_input", _("Type the supplier's name."))
    if email is None or (email and not _EMAIL.fullmatch(email)):
        raise StationError("bad_input", _("This is not an e-mail address."))
    phone = parse(details.phone) if details.phone.strip() else None
    if details.phone.strip() and phone is None:
        raise StationError("bad_input", _("This is not a phone number. Type all of its digits."))
    if details.language not in LANGUAGES:
        raise StationError("bad_input", _("Choose one of the list."))
    return {
        "name": name,
        "phone": phone.key if phone else None,
        "email": email or None,
        "language": details.language,
    }


def _refuse_taken(station_id: int, name: object, *, other_than: int | None) -> None:
    query = select(Supplier.id).where(Supplier.station_id == station_id, Supplier.name == name)
    if connection().scalar(query) not in (None, other_than):
        raise StationError("supplier_taken", _("A supplier with this name exists."))
