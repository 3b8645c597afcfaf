"""How an account is called: its kind in words and, where it is somebody's, whose. Names of people are masked."""

from collections.abc import Iterable

from station.carriers.catalogue import COMPANIES
from station.core.i18n import gettext as _
from station.core.i18n import language
from station.core.ids import LARGEST_ID
from station.group_buys import suppliers
from station.ledger.chart import CHART, AccountKind, AccountRef
from station.network import queries as network
from station.payments.catalogue import WAYS
from station.residents import queries as residents

Names = dict[AccountRef, str]


def names(station_id: int, refs: Iterable[AccountRef]) -> Names:
    """Return the name of each account: three statements at most, however many there are."""
    wanted = set(refs)
    owners = {
        **_residents(station_id, wanted),
        **_suppliers(station_id, wanted),
        **_stations(wanted),
        **_carriers(),
        **_providers(),
    }
    return {ref: _named(ref, owners.get(ref)) for ref in wanted}


def _named(ref: AccountRef, owner: str | None) -> str:
    label = _(CHART[ref.kind].label)
    return _("%(kind)s: %(owner)s", kind=label, owner=owner or ref.owner) if ref.owner else label


def _ids(refs: set[AccountRef], kind: AccountKind) -> list[int]:
    """Return the ids that the owners of a kind name; an account of a text from outside may name none."""
    texts = (ref.owner for ref in refs if ref.kind is kind)
    return [int(text) for text in texts if text.isascii() and text.isdecimal() and int(text) <= LARGEST_ID]


def _residents(station_id: int, refs: set[AccountRef]) -> Names:
    wanted = _ids(refs, AccountKind.RESIDENT)
    known = residents.contacts(station_id, wanted) if wanted else {}
    return {
        AccountRef(AccountKind.RESIDENT, str(one.id)): f"{one.name_masked} {one.phone_tail}".strip()
        for one in known.values()
    }


def _suppliers(station_id: int, refs: set[AccountRef]) -> Names:
    if not _ids(refs, AccountKind.SUPPLIER):
        return {}
    return {AccountRef(AccountKind.SUPPLIER, str(one.id)): one.name for one in suppliers.all_of(station_id)}


def _stations(refs: set[AccountRef]) -> Names:
    if not _ids(refs, AccountKind.STATION):
        return {}
    return {AccountRef(AccountKind.STATION, str(one.id)): one.name for one in network.stations()}


def _carriers() -> Names:
    return {
        AccountRef(AccountKind.CARRIER, code): facts.name(language()) for code, facts in COMPANIES.items()
    }


def _providers() -> Names:
    return {facts.account: _(facts.label) for facts in WAYS.values() if facts.account.owner}
