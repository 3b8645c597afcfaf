"""Writing the ledger: posting journals under keys that are used once, and reversing them. Nothing is ever edited.

Other rooms say what moved as a `Journal`; which account rows stand for it, the day it counts for, and the custody
event that names its bytes are settled here.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import insert

from station.core import clock, ids
from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.statements import Statement
from station.core.text import clean_line
from station.events.service import Event, append, take_turn
from station.ledger import queries
from station.ledger.chart import AccountRef, JournalKind
from station.ledger.journal import Journal, Move, Posted, digest
from station.ledger.models import JournalNote, LedgerAccount, LedgerJournal, LedgerPosting

__all__ = ["AccountRef", "Journal", "JournalKind", "Move", "add_note", "post", "post_all", "reverse"]

NOTE_LIMIT = 200  # characters: a sentence, not a letter

_ADD_ACCOUNT = Statement(insert(LedgerAccount))
_ADD_JOURNAL = Statement(insert(LedgerJournal))
_ADD_POSTING = Statement(insert(LedgerPosting))
_ADD_NOTE = Statement(insert(JournalNote))


def post(actor: Actor, journal: Journal) -> int:
    """Post one journal; return its id, of the one that is there already when its key was used for the same.

    Raises StationError `journal_refused` for what is no journal, `journal_key_used` when the key stands for another.
    """
    return post_all(actor, (journal,))[0]


def post_all(actor: Actor, journals: Sequence[Journal], *, day: date | None = None) -> list[int]:
    """Post many journals at once, each as `post` does; return their ids in the same order.

    They count for today, or for a `day` that is over, and in either case for the next one that is not closed.
    """
    take_turn(actor.station_id)
    for journal in journals:
        journal.check()
    known = queries.posted_under(actor.station_id, [journal.key for journal in journals])
    fresh: dict[str, tuple[Journal, Posted]] = {}
    counts_for = queries.open_day(actor.station_id, day or queries.local_today(actor.station_id))
    for journal in journals:
        earlier = known.get(journal.key) or (fresh[journal.key][1] if journal.key in fresh else None)
        if earlier is None:
            fresh[journal.key] = (journal, _stand(actor, journal, day=counts_for))
        elif not earlier.says(journal):
            raise _key_used()
    _write(actor, fresh.values())
    return [(known.get(journal.key) or fresh[journal.key][1]).id for journal in journals]


def reverse(actor: Actor, journal_id: int, *, key: str, reason: str) -> int:
    """Take a journal back by one that moves everything the other way; return its id, the same for the same key.

    Raises StationError `not_found`, `bad_input` without a reason, `journal_reversed` when it was reversed under another
    key, `journal_refused` for a reversal: what it took back is charged anew instead.
    """
    take_turn(actor.station_id)
    original = queries.posted(actor.station_id, journal_id)
    if original.kind is JournalKind.REVERSAL:
        raise StationError(
            "journal_refused", _("A reversal cannot be reversed. Post the journal anew instead.")
        )
    said = reason_of(reason)
    moves = tuple(move.turned() for move in original.moves)
    wanted = Journal(key, JournalKind.REVERSAL, original.currency, moves, original.refers_to, note=said)
    wanted.check()
    known = queries.posted_under(actor.station_id, [key]).get(key)
    if known and known.says(wanted, original.id):
        return known.id
    if known:
        raise _key_used()
    if queries.reversal_of(actor.station_id, journal_id) is not None:
        raise StationError("journal_reversed", _("This was reversed before. Nothing more was changed."))
    day = queries.posting_day(actor.station_id)
    posted = _stand(actor, wanted, day=day, reverses_id=original.id)
    _write(actor, [(wanted, posted)])
    return posted.id


def reason_of(text: str) -> str:
    """Return what somebody typed as a reason. Raises StationError `bad_input` for none, or one that is too long."""
    said = clean_line(text, limit=NOTE_LIMIT)
    if not said:
        raise StationError("bad_input", _("Say why, in one line."))
    return said


def add_note(actor: Actor, journal_id: int, text: str) -> None:
    """Keep what somebody said about a journal afterwards; it must have no note yet."""
    _ADD_NOTE.run_many([{"station_id": actor.station_id, "journal_id": journal_id, "text": text}])


def _key_used() -> StationError:
    return StationError(
        "journal_key_used",
        _("Money was moved under this key before, in another way. Nothing more was moved."),
    )


def _stand(actor: Actor, journal: Journal, *, day: date, reverses_id: int | None = None) -> Posted:
    """Return `journal` as it will stand in the books."""
    return Posted(
        station_id=actor.station_id,
        id=ids.next_id(),
        key=journal.key,
        kind=JournalKind(journal.kind),
        currency=journal.currency,
        day=day,
        at=clock.now(),
        actor=actor.key,
        refers_to=journal.refers_to,
        reverses_id=reverses_id,
        moves=journal.moves,
    )


def _write(actor: Actor, written: Iterable[tuple[Journal, Posted]]) -> None:
    """Write rows and custody events of journals whose keys are known to be free."""
    pairs = list(written)
    if not pairs:
        return
    accounts = _accounts(actor.station_id, [posted for _journal, posted in pairs])
    _ADD_JOURNAL.run_many([_journal_row(posted) for _journal, posted in pairs])
    _ADD_POSTING.run_many([row for _journal, posted in pairs for row in _posting_rows(posted, accounts)])
    _ADD_NOTE.run_many(
        [
            {"station_id": actor.station_id, "journal_id": posted.id, "text": journal.note}
            for journal, posted in pairs
            if journal.note
        ]
    )
    events = (
        Event("journal_posted", data={"journal": str(posted.id), "sha256": digest(posted)})
        for _journal, posted in pairs
    )
    append(actor, *events)


Ids = dict[tuple[AccountRef, str], int]


def _accounts(station_id: int, posted: Iterable[Posted]) -> Ids:
    """Return the ids of all accounts that are moved to or from; an account is made when it is first needed."""
    needed = dict.fromkeys(
        (ref, one.currency) for one in posted for move in one.moves for ref in (move.debit, move.credit)
    )
    known = queries.account_ids(station_id, needed)
    missing = {account: ids.next_id() for account in needed if account not in known}
    _ADD_ACCOUNT.run_many(
        [
            {
                "station_id": station_id,
                "id": account_id,
                "kind": ref.kind,
                "owner": ref.owner,
                "currency": currency,
            }
            for (ref, currency), account_id in missing.items()
        ]
    )
    return known | missing


def _journal_row(posted: Posted) -> dict[str, Any]:
    names = ("station_id", "id", "key", "kind", "currency", "day", "at", "actor", "refers_to", "reverses_id")
    return {name: getattr(posted, name) for name in names}


def _posting_rows(posted: Posted, accounts: Ids) -> list[dict[str, Any]]:
    return [
        {
            "station_id": posted.station_id,
            "journal_id": posted.id,
            "line": line,
            "day": posted.day,
            "debit_account_id": accounts[move.debit, posted.currency],
            "credit_account_id": accounts[move.credit, posted.currency],
            "amount_minor": move.amount_minor,
            "currency": posted.currency,
        }
        for line, move in enumerate(posted.moves, start=1)
    ]
