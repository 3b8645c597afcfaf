"""How a recipient wants to be written to: which way, where to, in which language, and when not.

Not responsible for obeying it (notices). Preferences are a wish about messages, never a word on where parcels may be
left: that is service.record_consent's.
"""

import re
from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from station.core import clock
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import LANGUAGES
from station.core.i18n import gettext as _
from station.core.statements import Statement
from station.core.text import clean_line
from station.events.service import Event, append, take_turn
from station.residents import service
from station.residents.models import RecipientPreferences

EMAIL_LONGEST = 254  # octets; RFC 5321 section 4.5.3.1.3: a path has 256, two of them are its brackets
# Ours, narrower than RFC 5321 section 4.1.2: no quoted names, nothing that could end a header or name two people.
EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


class Way(StrEnum):
    """Which way messages go first; one that cannot be delivered may still go another way."""

    SMS = "sms"
    EMAIL = "email"
    NONE = "none"  # no messages, but for codes that somebody asks for


@dataclass(frozen=True, slots=True)
class Preferences:
    """A recipient's wishes. None: nothing was chosen, so it is as for everybody at the station.

    `quiet_from`, `quiet_until`: hours of the station's day without messages, over midnight when the first is later;
    both or none.
    """

    channel: Way | None = None
    email: str | None = None
    quiet_from: time | None = None
    quiet_until: time | None = None
    language: str | None = None


_OF = Statement(
    select(
        RecipientPreferences.channel,
        RecipientPreferences.email,
        RecipientPreferences.quiet_from,
        RecipientPreferences.quiet_until,
        RecipientPreferences.language,
    ).where(
        RecipientPreferences.station_id == bindparam("station_id"),
        RecipientPreferences.recipient_id == bindparam("recipient_id"),
    )
)


def of(station_id: int, recipient_id: int) -> Preferences:
    """Return a recipient's preferences; all None for one who never chose."""
    row = _OF.first(station_id=station_id, recipient_id=recipient_id)
    if row is None:
        return Preferences()
    return Preferences(Way(row.channel) if row.channel else None, *row[1:])


def choose(actor: Actor, recipient_id: int, chosen: Preferences) -> None:
    """Keep a recipient's preferences in the place of those before; nothing is written when nothing differs.

    Raises StationError `bad_input` with what is wrong in words, `not_found` for an unknown recipient.
    """
    take_turn(actor.station_id)
    service.get(actor.station_id, recipient_id)
    _refuse_unclear(chosen)
    if chosen == of(actor.station_id, recipient_id):
        return
    values = {
        "channel": chosen.channel,
        "email": chosen.email,
        "language": chosen.language,
        "quiet_from": chosen.quiet_from,
        "quiet_until": chosen.quiet_until,
        "changed_at": clock.now(),
    }
    build = postgresql.insert if connection().dialect.name == "postgresql" else sqlite.insert
    add = build(RecipientPreferences).values(station_id=actor.station_id, recipient_id=recipient_id, **values)
    keys = [RecipientPreferences.station_id, RecipientPreferences.recipient_id]
    connection().execute(add.on_conflict_do_update(index_elements=keys, set_=values))
    facts = {"recipient": str(recipient_id), "channel": chosen.channel, "language": chosen.language}
    append(actor, Event("preferences_changed", data=facts))


def clean_email(text: str) -> str | None:
    """Return an e-mail address as it is stored, None for a blank one. Raises StationError `bad_input`."""
    plain = clean_line(text, limit=EMAIL_LONGEST)
    if plain == "":
        return None
    if plain is None or not EMAIL.fullmatch(plain):
        raise StationError("bad_input", _("This is not an e-mail address. It looks like name@example.org."))
    return plain


def erase(station_id: int, recipient_id: int) -> None:
    """Forget a recipient's preferences."""
    mine = (
        RecipientPreferences.station_id == station_id,
        RecipientPreferences.recipient_id == recipient_id,
    )
    connection().execute(delete(RecipientPreferences).where(*mine))


def _refuse_unclear(chosen: Preferences) -> None:
    if chosen.language is not None and chosen.language not in LANGUAGES:
        raise StationError("bad_input", _("Choose one of the languages in the list."))
    if chosen.email is not None and clean_email(chosen.email) != chosen.email:
        raise StationError("bad_input", _("This is not an e-mail address. It looks like name@example.org."))
    if chosen.channel is Way.EMAIL and chosen.email is None:
        raise StationError("bad_input", _("Type the e-mail address that messages shall go to."))
    if (chosen.quiet_from is None) is not (chosen.quiet_until is None):
        raise StationError("bad_input", _("Type both times of the quiet hours, or leave both empty."))
    if chosen.quiet_from is not None and chosen.quiet_from == chosen.quiet_until:
        message = _("The quiet hours begin and end at the same time. For no messages at all, choose that.")
        raise StationError("bad_input", message)
