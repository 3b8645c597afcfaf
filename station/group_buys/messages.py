"""What people are told of a group buy from shortly before its cut-off on: owed with a change, put into words later.

A message is about one campaign: its topic is the kind and the campaign's number (`group_result:12`), so that what
somebody hears of two campaigns are two messages, and the same news twice is one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton

from station.core import clock
from station.core.i18n import gettext as _
from station.core.i18n import language, ngettext
from station.events import outbox
from station.group_buys import sharing_queries as queries
from station.group_buys.lifecycle import COUNTED
from station.group_buys.sharing_queries import Closing, Mine
from station.network import queries as network
from station.notices.texts import named
from station.residents import links


class GroupNote(StrEnum):
    """What a message tells."""

    MOVED_UP = "group_moved_up"  # from the waiting list into units that became free
    RESULT = "group_result"  # how many at cut-off
    FAILED = "group_failed"  # it came to nothing, or was called off
    SHORT = "group_short"  # less came
    REMIND = "group_remind"  # ready, and not long any more
    OFFER = "group_offer"  # goods that somebody left, to who waits
    LEFT = "group_left"  # nobody came: what is done now
    CLOSING = "group_closing"  # to who asked to hear of it before the cut-off
    MORE = "group_more"  # to buyers before a cut-off at which it would fail
    LATE = "group_late"  # another arrival day


@dataclass(frozen=True, slots=True)
class _Words:
    """What the sentences are made of."""

    title: str
    mine: Mine
    station_id: int


def topic(note: GroupNote, number: int) -> str:
    """Return the outbox's topic of a message about the campaign with this number."""
    return f"{note}:{number}"


def tell(station_id: int, note: GroupNote, number: int, recipient_ids: Iterable[int]) -> None:
    """Owe people a message about a campaign, inside the transaction of what it tells of."""
    now = clock.now()
    for recipient_id in sorted(set(recipient_ids)):
        outbox.enqueue_note(station_id, topic=topic(note, number), recipient_id=recipient_id, due_at=now)


def write(note: GroupNote, station_id: int, recipient_id: int, *, number: int) -> str | None:
    """Return the words in the language spoken now; None when nothing is left to tell."""
    if note is GroupNote.CLOSING:
        return _closing(station_id, recipient_id, number)
    mine = queries.mine(station_id, recipient_id, number)
    if mine is None:
        return None
    return WRITERS[note](_Words(_quiet(mine.title), mine, station_id))


def _quiet(title: str) -> str:
    """Return a title that no phone takes for a pickup code."""
    return named(title)


def _moved_up(words: _Words) -> str | None:
    if words.mine.state == "held":
        return _(
            "Group buy “%(title)s”: units became free and are kept for you for a while. Pay for them on your page"
            " or at the counter.",
            title=words.title,
        )
    if words.mine.state != "placed":
        return None
    return _("Group buy “%(title)s”: units became free, and your order counts now.", title=words.title)


def _result(words: _Words) -> str | None:
    if not words.mine.allocated:
        return _(
            "Group buy “%(title)s”: nothing was left for your order, so nothing is charged. Sorry.",
            title=words.title,
        )
    return ngettext(
        "Group buy “%(title)s” is closed: you get %(num)s. Why not more or less stands on your page.",
        "Group buy “%(title)s” is closed: you get %(num)s. Why not more or less stands on your page.",
        words.mine.allocated,
        title=words.title,
    )


def _failed(words: _Words) -> str | None:
    return _(
        "Group buy “%(title)s” does not take place. Nothing is charged; what you paid is on your account here.",
        title=words.title,
    )


def _short(words: _Words) -> str | None:
    if words.mine.delivered is None:
        return None
    return ngettext(
        "Group buy “%(title)s”: less came than was ordered. You get %(num)s; the rest is back on your account.",
        "Group buy “%(title)s”: less came than was ordered. You get %(num)s; the rest is back on your account.",
        words.mine.delivered,
        title=words.title,
    )


def _remind(words: _Words) -> str | None:
    if words.mine.collect_until is None or words.mine.state != "ready":
        return None
    return _(
        "Group buy “%(title)s” waits for you. Please collect by %(time)s.",
        title=words.title,
        time=_moment(words.station_id, words.mine.collect_until),
    )


def _offer(words: _Words) -> str | None:
    if not words.mine.offered or words.mine.offer_until is None:
        return None
    return ngettext(
        "Group buy “%(title)s”: %(num)s became free. Take it on your page by %(time)s.",
        "Group buy “%(title)s”: %(num)s became free. Take them on your page by %(time)s.",
        words.mine.offered,
        title=words.title,
        time=_moment(words.station_id, words.mine.offer_until),
    )


def _left(words: _Words) -> str | None:
    sentences = {
        "refund": _("What you paid is back on your account."),
        "donate": _("As was said when you ordered, it was given away."),
        "keep_charge": _("As was said when you ordered, the charge stays."),
    }
    begun = _("Group buy “%(title)s” was not collected in time.", title=words.title)
    return ("" if language() == "zh" else " ").join([begun, sentences[words.mine.unclaimed_rule]])


def _closing(station_id: int, recipient_id: int, number: int) -> str | None:
    """Tell who asked that a campaign closes soon; nothing to who has ordered, or when it is closed."""
    closing = queries.closing(station_id, number)
    if closing is None or queries.has_order(station_id, recipient_id, number):
        return None
    told = _(
        "Group buy “%(title)s” closes %(time)s, as you wanted to be reminded.",
        title=_quiet(closing.title),
        time=_moment(station_id, closing.cut_off_at),
    )
    return _with_link(told, station_id, closing)


def _more(words: _Words) -> str | None:
    closing = queries.closing(words.station_id, words.mine.number)
    if closing is None or words.mine.state not in COUNTED or not closing.missing:
        return None
    told = ngettext(
        "Group buy “%(title)s” goes ahead only with %(num)s more by %(time)s: tell a neighbour.",
        "Group buy “%(title)s” goes ahead only with %(num)s more by %(time)s: tell a neighbour.",
        closing.missing,
        title=words.title,
        time=_moment(words.station_id, closing.cut_off_at),
    )
    return _with_link(told, words.station_id, closing)


def _with_link(told: str, station_id: int, closing: Closing) -> str:
    """Add the campaign's public page, where the installation has an address."""
    address = links.public(f"/buy/{station_id}/{closing.share_token}")
    return f"{told} {address}" if address else told


def _late(words: _Words) -> str | None:
    if words.mine.state != "allocated":
        return None
    return _(
        "Group buy “%(title)s” comes later: now expected on %(day)s. It can be given back until it comes.",
        title=words.title,
        day=format_skeleton("MMMd", words.mine.arrives_on, locale=language()),
    )


def _moment(station_id: int, at: datetime) -> str:
    """Return day and time as the station's clock shows them; no run of four digits."""
    local = at.astimezone(ZoneInfo(network.rules(station_id).zone))
    return f"{format_skeleton('MMMd', local, locale=language())} {local:%H:%M}"


WRITERS: dict[GroupNote, Callable[[_Words], str | None]] = {
    GroupNote.MOVED_UP: _moved_up,
    GroupNote.RESULT: _result,
    GroupNote.FAILED: _failed,
    GroupNote.SHORT: _short,
    GroupNote.REMIND: _remind,
    GroupNote.OFFER: _offer,
    GroupNote.LEFT: _left,
    GroupNote.MORE: _more,
    GroupNote.LATE: _late,
}
