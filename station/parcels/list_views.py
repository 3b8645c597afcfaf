"""The parcels list's address: the filter it says, and links to the same list.

Addresses end up in histories and in the logs of proxies. So a name or the digits of a phone never stand in one: a
person stands there by id, and a text that several people share is sealed with the installation's key.
"""

import base64
from typing import Any

from flask import request, url_for

from station.carriers.catalogue import CARRIERS
from station.core import crypto
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.parcels import codes, search
from station.parcels.queries import Filter, Order, Tab
from station.parcels.shared_views import is_id
from station.web.gate import current_actor

NO_SEARCH: dict[str, None] = {"q": None, "sealed": None, "recipient": None}
# Told apart from everything else that is encrypted, or the list would decrypt columns for whoever has a copy of them.
PURPOSE = "parcels.search"


def wanted() -> Filter:
    """Read the filter in the address. Raises StationError `bad_input` for what is none."""
    asked = request.args
    try:
        tab, order = Tab(asked.get("tab", Tab.WAITING)), Order(asked.get("order", Order.LONGEST))
    except ValueError as error:
        raise _no_such_list() from error
    carrier, shelf, person = asked.get("carrier"), asked.get("shelf"), asked.get("recipient")
    is_known = not carrier or carrier in CARRIERS
    if not is_known or (shelf and codes.parse_shelf(shelf) != shelf) or (person and not is_id(person)):
        raise _no_such_list()
    who = int(person) if person else None
    return Filter(tab, _text(), carrier or None, shelf or None, who, order, asked.get("after") or None)


def _text() -> str:
    public, sealed = request.args.get("q", "").strip(), request.args.get("sealed", "")
    if public and search.interpret(public).public is None:
        raise _no_such_list()
    return unseal(sealed) if sealed else public


def _no_such_list() -> StationError:
    return StationError("bad_input", _("There is no such list. Start again from all parcels."))


def link(shown: Filter, **changes: Any) -> str:
    """Return the address of the same list with `changes`, from its first page."""
    values: dict[str, Any] = {
        "tab": None if shown.tab is Tab.WAITING else shown.tab.value,
        "q": request.args.get("q") or None,
        "sealed": request.args.get("sealed") or None,
        "carrier": shown.carrier,
        "shelf": shown.shelf,
        "recipient": shown.person,
        "order": None if shown.order is Order.LONGEST else shown.order.value,
    }
    endpoint = changes.pop("endpoint", "parcels.parcels")
    return url_for(endpoint, **(values | changes))


def seal(text: str) -> str:
    """Return a text so that it can stand in an address: readable at this station of this installation only."""
    blob = crypto.encrypt(_head() + text)
    return base64.urlsafe_b64encode(blob).decode().rstrip("=")


def unseal(sealed: str) -> str:
    """Return the text of `seal`. Raises StationError `bad_input` for anything else."""
    try:
        text = crypto.decrypt(base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4)))
    except ValueError as error:
        raise _no_such_list() from error
    if not text.startswith(_head()):
        raise _no_such_list()
    return text.removeprefix(_head())


def _head() -> str:
    return f"{PURPOSE}\0{current_actor().station_id}\0"
