"""Which providers a station has set up: their keys, encrypted, which come back to no page and stand in no log."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from station.core import clock
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.settings import Settings
from station.events.service import Event, append, take_turn
from station.network import queries as network
from station.payments import provider_alipay
from station.payments.catalogue import REMOTE, WAYS, Way
from station.payments.models import PaymentProvider
from station.payments.provider import Provider
from station.payments.provider_alipay import AlipayOptions, AlipayProvider
from station.payments.provider_test import TestProvider

Options = Mapping[str, Any]
SECRET = "app_private_key"  # noqa: S105 - the name of an option, not its value
NUMBER = re.compile(r"[0-9]{16}", re.ASCII)  # app_id and seller_id (opendocs.alipay.com: 16 digits)


@dataclass(frozen=True, slots=True)
class Saved:
    """A provider as a station set it up. `options` hold its secret."""

    way: Way
    is_enabled: bool
    version: int
    options: Options = field(repr=False)

    @property
    def shown(self) -> dict[str, Any]:
        """The options without the secret."""
        return {name: value for name, value in self.options.items() if name != SECRET}


@dataclass(frozen=True, slots=True)
class Draft:
    """What a manager wants a provider to be; an empty secret means the one that is kept."""

    is_enabled: bool
    options: Options = field(repr=False)


def known(settings: Settings) -> list[Way]:
    """Return the providers that this installation can use: the test provider only where it is allowed."""
    return [way for way in REMOTE if WAYS[way].is_real or settings.test_payments]


def for_station(station_id: int, settings: Settings) -> list[Saved]:
    """Return the providers that a station has set up and the installation can use, in the order of the catalogue."""
    return [one for one in _stored(station_id) if one.way in known(settings)]


def _stored(station_id: int) -> list[Saved]:
    columns = (
        PaymentProvider.provider,
        PaymentProvider.is_enabled,
        PaymentProvider.version,
        PaymentProvider.options,
    )
    rows = connection().execute(select(*columns).where(PaymentProvider.station_id == station_id))
    found = {row.provider: row for row in rows}
    return [
        Saved(way, found[way].is_enabled, found[way].version, json.loads(found[way].options))
        for way in REMOTE
        if way in found
    ]


def stations() -> list[int]:
    """Return the stations that set a provider up."""
    query = select(PaymentProvider.station_id).distinct().order_by(PaymentProvider.station_id)
    return list(connection().scalars(query))


def saved(station_id: int, way: Way, settings: Settings) -> Saved | None:
    """Return one provider of a station, None when it was never set up."""
    return next((one for one in for_station(station_id, settings) if one.way is way), None)


def enabled(station_id: int, settings: Settings) -> list[Way]:
    """Return the providers that residents can pay through."""
    return [one.way for one in for_station(station_id, settings) if one.is_enabled]


def provider(station_id: int, way: Way, settings: Settings, *, page_url: str = "") -> Provider:
    """Return a provider that is ready to be asked, one that is switched off too: what was begun is still settled.

    `page_url`: where the test provider's page is. Raises StationError `not_found` for one that was never set up.
    """
    found = saved(station_id, way, settings)
    if found is None:
        raise StationError("not_found", _("This way to pay is not set up at your station."))
    if way is Way.TEST:
        return TestProvider(station_id, network.rules(station_id).zone, page_url)
    return AlipayProvider(AlipayOptions(**found.options), settings.alipay_gateway)


def save(actor: Actor, way: Way, draft: Draft, *, version: int) -> frozenset[str]:
    """Set a provider up or change it; return the names of what differs. `version`: what was seen, 0 for none.

    Raises StationError `stale`, `bad_input` for keys and numbers that cannot work.
    """
    take_turn(actor.station_id)
    before = next((one for one in _stored(actor.station_id) if one.way is way), None)
    options = _checked(draft.options, before) if way is Way.ALIPAY else {}
    differing = _differing(before, draft, options)
    if not differing:
        return differing
    if version != (before.version if before else 0):
        raise _stale()
    _write(actor.station_id, way, Draft(draft.is_enabled, options), version=version)
    append(actor, Event("settings_changed", data={"provider": way.value, "fields": sorted(differing)}))
    return differing


def _checked(wanted: Options, before: Saved | None) -> dict[str, Any]:
    """Return Alipay's options, the kept key in the place of none."""
    options = {**wanted, SECRET: wanted.get(SECRET) or (before.options[SECRET] if before else "")}
    if not provider_alipay.is_installed():
        raise StationError(
            "bad_input", _("Alipay’s software is not installed here. Whoever runs it does: make alipay.")
        )
    if not all(NUMBER.fullmatch(str(options[name])) for name in ("app_id", "seller_id")):
        raise StationError("bad_input", _("The application and the seller are numbers of 16 digits."))
    if not provider_alipay.are_keys(options[SECRET], options["alipay_public_key"]):
        raise StationError("bad_input", _("Give your private key, and Alipay’s public key, not your own."))
    return options


def _differing(before: Saved | None, draft: Draft, options: Options) -> frozenset[str]:
    was = {} if before is None else {**before.options, "is_enabled": before.is_enabled}
    becomes = {**options, "is_enabled": draft.is_enabled}
    return frozenset(name for name in becomes if name not in was or was[name] != becomes[name])


def _write(station_id: int, way: Way, draft: Draft, *, version: int) -> None:
    values = {
        "is_enabled": draft.is_enabled,
        "options": json.dumps(dict(draft.options)),
        "version": version + 1,
        "changed_at": clock.now(),
    }
    if version:
        row = (PaymentProvider.station_id == station_id, PaymentProvider.provider == way.value)
        change = update(PaymentProvider).where(*row, PaymentProvider.version == version).values(**values)
        if not connection().execute(change).rowcount:
            raise _stale()
        return
    try:
        connection().execute(
            insert(PaymentProvider).values(station_id=station_id, provider=way.value, **values)
        )
    except IntegrityError as error:  # somebody else set it up at the same moment
        raise _stale() from error


def _stale() -> StationError:
    return StationError(
        "stale", _("Somebody else changed the settings in the meantime. Load the page again, then repeat.")
    )
