"""How a station reaches people: its channels, their settings, and in which order they are tried.

Passwords and keys are encrypted with the other options, come back to no page, and stand in no log. What a channel
charges is beside its messages (queries.price).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from station.core import clock
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.settings import Settings
from station.core.statements import Statement
from station.events.service import Event, append
from station.notices import wire
from station.notices.channel_email import EmailChannel, EmailOptions
from station.notices.channel_sms_aliyun import AliyunOptions, AliyunSmsChannel
from station.notices.channel_webhook import WebhookChannel, WebhookOptions
from station.notices.channels import Channel, ConsoleChannel
from station.notices.models import StationChannel
from station.notices.wire import AddressRule

Options = Mapping[str, Any]


class ChannelName(StrEnum):
    """The channels that a station can set up."""

    SMS_ALIYUN = "sms_aliyun"
    WEBHOOK = "webhook"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Kind:
    """What sets one channel apart: how it is made, its secret, and the options that say to whom the secret is told."""

    build: Callable[[Options, Settings], Channel]
    secret: str
    told_to: frozenset[str]
    needs_secret: bool


def _rule(settings: Settings) -> AddressRule:
    return wire.anywhere if settings.private_gateways else wire.public_only


KINDS: dict[ChannelName, Kind] = {
    ChannelName.SMS_ALIYUN: Kind(
        lambda options, settings: AliyunSmsChannel(AliyunOptions(**options), settings.aliyun_endpoint),
        "key_secret",
        frozenset({"key_id"}),
        needs_secret=True,
    ),
    ChannelName.WEBHOOK: Kind(
        lambda options, settings: WebhookChannel(WebhookOptions(**options), _rule(settings)),
        "secret",
        frozenset({"url"}),
        needs_secret=True,
    ),
    ChannelName.EMAIL: Kind(
        lambda options, settings: EmailChannel(EmailOptions(**options), _rule(settings)),
        "password",
        frozenset({"host", "port", "security", "user"}),
        needs_secret=False,
    ),
}


@dataclass(frozen=True, slots=True)
class Saved:
    """A channel as a station set it up; `position`: 1 is tried first. `options` hold its secret."""

    name: ChannelName
    is_enabled: bool
    position: int
    version: int
    options: Options = field(repr=False)

    @property
    def shown(self) -> dict[str, Any]:
        """The options without the secret."""
        return {name: value for name, value in self.options.items() if name != KINDS[self.name].secret}


@dataclass(frozen=True, slots=True)
class Draft:
    """What a manager wants a channel to be; an empty secret means the one that is kept."""

    is_enabled: bool
    position: int
    options: Options = field(repr=False)


_SAVED = Statement(
    select(
        StationChannel.channel,
        StationChannel.is_enabled,
        StationChannel.position,
        StationChannel.version,
        StationChannel.options,
    )
    .where(StationChannel.station_id == bindparam("station"))
    .order_by(StationChannel.position, StationChannel.channel)
)


def for_station(station_id: int) -> list[Saved]:
    """Return the channels that a station has set up, best first, those that are switched off too."""
    return [
        Saved(ChannelName(row.channel), row.is_enabled, row.position, row.version, json.loads(row.options))
        for row in _SAVED.all(station=station_id)
    ]


def saved(station_id: int, name: ChannelName) -> Saved | None:
    """Return one channel of a station, None when it was never set up."""
    return next((channel for channel in for_station(station_id) if channel.name == name), None)


def channels_for(station_id: int, settings: Settings) -> Sequence[Channel]:
    """Return what a station sends by, best first; the console while nothing is set up."""
    found = for_station(station_id)
    if not found:
        return [ConsoleChannel(messages_folder(settings))]
    return [build(channel, settings) for channel in found if channel.is_enabled]


def build(channel: Saved, settings: Settings) -> Channel:
    """Return a channel that is ready to send."""
    return KINDS[channel.name].build(channel.options, settings)


def messages_folder(settings: Settings) -> Path:
    """Return where the console channel writes."""
    return settings.instance / "outbox"


def save(actor: Actor, name: ChannelName, draft: Draft, *, version: int) -> frozenset[str]:
    """Set a channel up or change it; return the names of what differs. `version`: what the person saw, 0 for none.

    Nothing is written when nothing differs. Raises StationError `stale` when somebody else changed it since,
    `bad_input` when the secret has to be given again: a kept one is never sent to another server.
    """
    before = saved(actor.station_id, name)
    options = _with_secret(KINDS[name], draft.options, before)
    differing = _differing(before, draft, options)
    if not differing:
        return differing
    if version != (before.version if before else 0):
        raise _stale()
    _write(actor.station_id, name, draft, options, version=version)
    append(actor, Event("settings_changed", data={"channel": name.value, "fields": sorted(differing)}))
    return differing


def _with_secret(kind: Kind, wanted: Options, before: Saved | None) -> dict[str, Any]:
    if wanted.get(kind.secret):
        return dict(wanted)
    kept = before.options.get(kind.secret, "") if before else ""
    if kept and before and any(before.options.get(name) != wanted.get(name) for name in kind.told_to):
        raise StationError(
            "bad_input", _("The server or the account changed: give its password or key again.")
        )
    if kind.needs_secret and not kept:
        raise StationError("bad_input", _("Give the key: nothing can be sent without it."))
    return {**wanted, kind.secret: kept}


def _differing(before: Saved | None, draft: Draft, options: Options) -> frozenset[str]:
    was = {} if before is None else {**before.options, **_place(before)}
    becomes = {**options, **_place(draft)}
    return frozenset(name for name in becomes if name not in was or was[name] != becomes[name])


def _place(channel: Saved | Draft) -> dict[str, Any]:
    return {"is_enabled": channel.is_enabled, "position": channel.position}


def _write(station_id: int, name: ChannelName, draft: Draft, options: Options, *, version: int) -> None:
    values = {
        **_place(draft),
        "options": json.dumps(options, ensure_ascii=False),
        "version": version + 1,
        "changed_at": clock.now(),
    }
    if version:
        row = (StationChannel.station_id == station_id, StationChannel.channel == name.value)
        change = update(StationChannel).where(*row, StationChannel.version == version).values(**values)
        if not connection().execute(change).rowcount:
            raise _stale()
        return
    try:
        connection().execute(
            insert(StationChannel).values(station_id=station_id, channel=name.value, **values)
        )
    except IntegrityError as error:  # somebody else set it up at the same moment
        raise _stale() from error


def _stale() -> StationError:
    return StationError(
        "stale", _("Somebody else changed the settings in the meantime. Load the page again, then repeat.")
    )
