"""The message that a complaint was answered: owed with the answer, put into words when it is sent.

As every message of a group buy it is about one campaign, whose number ends its topic (group_buys/messages.py).
"""

from station.claims import personal_queries
from station.core import clock
from station.core.i18n import gettext as _
from station.core.i18n import ngettext
from station.events import outbox
from station.notices.texts import named
from station.residents import service as residents

ANSWERED = "group_claim"


def tell(station_id: int, number: int, recipient_id: int) -> None:
    """Owe a buyer, under the name they are known by now, the message, inside the transaction of the answer."""
    topic, person = f"{ANSWERED}:{number}", residents.get(station_id, recipient_id)
    outbox.enqueue_note(station_id, topic=topic, recipient_id=person.id, due_at=clock.now())


def write(station_id: int, recipient_id: int, *, number: int) -> str | None:
    """Return the words in the language spoken now; None when nothing is left to tell."""
    answered = personal_queries.newest_answer(station_id, recipient_id, number)
    if answered is None:
        return None
    newest, title = answered[0], named(answered[1])  # as no phone takes it for a pickup code
    if not newest.refunded_units:
        return _("Group buy “%(title)s”: your complaint is answered. Your page says what.", title=title)
    return ngettext(
        "Group buy “%(title)s”: the money for %(num)s unit is back on your account here. Sorry for the trouble.",
        "Group buy “%(title)s”: the money for %(num)s units is back on your account here. Sorry for the trouble.",
        newest.refunded_units,
        title=title,
    )
