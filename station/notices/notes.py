"""The words of messages that ask nobody to collect, in the language spoken now. None: nothing is left to tell."""

from collections.abc import Callable
from enum import StrEnum
from zoneinfo import ZoneInfo

from station.claims import messages as claims
from station.core.i18n import gettext as _
from station.core.i18n import ngettext
from station.core.names import masked
from station.core.phones import Phone
from station.events.outbox import Claimed
from station.group_buys import messages as group_buys
from station.group_buys.messages import GroupNote
from station.network import queries as network
from station.parcels import proxy_queries, proxy_use
from station.residents import sign_in
from station.residents.service import phone_hash


class Note(StrEnum):
    """What a message that is about no parcel tells; the outbox keeps it as the topic."""

    SIGN_IN_CODE = sign_in.TOPIC
    PROXY_COLLECTED = proxy_use.COLLECTED
    PROXY_UNDONE = proxy_use.NOT_COLLECTED


def kind_of(topic: str) -> str:
    """Return what a message tells: of one that is about a numbered thing, such as `group_result:12`, the first part."""
    return topic.partition(":")[0]


def _sign_in_code(claimed: Claimed, phone: Phone) -> str | None:
    code = sign_in.current_code(phone_hash(phone.key))
    if code is None:
        return None
    minutes = int(sign_in.VALID.total_seconds() // 60)
    return _(
        "%(code)s is your code to sign in, valid for %(minutes)s minutes. Do not tell it to anybody.",
        code=code,
        minutes=minutes,
    )


def variables(claimed: Claimed, phone: Phone) -> dict[str, str]:
    """Return what a gateway with words of its own takes from a note."""
    code = sign_in.current_code(phone_hash(phone.key)) if claimed.topic == Note.SIGN_IN_CODE else None
    return {"code": code} if code else {}


def _proxy_collected(claimed: Claimed, phone: Phone) -> str | None:
    taken = proxy_queries.collected(claimed.station_id, claimed.recipient_id, claimed.parcel_ids)
    if not taken:
        return None
    local = taken[-1].at.astimezone(ZoneInfo(network.rules(claimed.station_id).zone))
    return ngettext(
        "%(who)s collected your parcel %(codes)s at %(time)s. If you did not agree to it, call the station.",
        "%(who)s collected your parcels %(codes)s at %(time)s. If you did not agree to it, call the station.",
        len(taken),
        who=masked(taken[-1].name or "") or _("The person you named"),
        codes=", ".join(one.pickup_code for one in taken),
        time=f"{local:%H:%M}",
    )


def _proxy_undone(claimed: Claimed, phone: Phone) -> str | None:
    codes = proxy_queries.back_on_shelf(claimed.station_id, claimed.recipient_id, claimed.parcel_ids)
    if not codes:
        return None
    return ngettext(
        "Your parcel %(codes)s was not collected after all: it waits here for you. Sorry.",
        "Your parcels %(codes)s were not collected after all: they wait here for you. Sorry.",
        len(codes),
        codes=", ".join(codes),
    )


def _group_buy(claimed: Claimed, phone: Phone) -> str | None:
    note, _colon, number = claimed.topic.partition(":")
    return group_buys.write(GroupNote(note), claimed.station_id, claimed.recipient_id, number=int(number))


def _claim(claimed: Claimed, phone: Phone) -> str | None:
    number = claimed.topic.partition(":")[2]
    return claims.write(claimed.station_id, claimed.recipient_id, number=int(number))


WRITERS: dict[str, Callable[[Claimed, Phone], str | None]] = {
    Note.SIGN_IN_CODE: _sign_in_code,
    Note.PROXY_COLLECTED: _proxy_collected,
    Note.PROXY_UNDONE: _proxy_undone,
    **dict.fromkeys(GroupNote, _group_buy),
    claims.ANSWERED: _claim,
}
SECRET: frozenset[str] = frozenset({Note.SIGN_IN_CODE})
"""What these messages said is not kept."""
PHONE_ONLY: frozenset[str] = frozenset({Note.SIGN_IN_CODE})
"""Messages that prove who has the phone: an e-mail address may be somebody else's."""
AT_ONCE: frozenset[str] = frozenset({Note.SIGN_IN_CODE, Note.PROXY_COLLECTED, Note.PROXY_UNDONE})
"""Messages that somebody waits for at this moment: they go out in quiet hours too, and to who wants no other."""
