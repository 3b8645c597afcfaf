"""Moving a station's own money: cash to the bank, a provider's payout arriving there, the drawer's first float."""

from dataclasses import dataclass

from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events.service import take_turn
from station.ledger import queries, rules
from station.ledger.chart import AccountKind, AccountRef, JournalKind
from station.ledger.journal import Journal, Move
from station.ledger.service import post, reason_of

OPENING = AccountRef(AccountKind.OPENING)
BANK = AccountRef(AccountKind.BANK)
PLAIN = (AccountRef(AccountKind.CASH), AccountRef(AccountKind.CARD), BANK)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is moved from where to where, and why."""

    source: AccountRef
    target: AccountRef
    amount_minor: int
    reason: str


def sources(station_id: int) -> list[AccountRef]:
    """Return where money may come from: the station's own accounts, providers that hold some, opening balances."""
    providers = [one.ref for one in queries.owners(station_id, AccountKind.PROVIDER)]
    return [*PLAIN, *providers, OPENING]


def move(actor: Actor, wish: Wish, *, key: str) -> int:
    """Move money between the station's own accounts; return the journal, the same for the same key.

    Raises StationError `bad_input` for accounts that are not its own or no reason, `journal_refused` for no amount or
    one account twice.
    """
    take_turn(actor.station_id)
    if wish.source not in sources(actor.station_id) or wish.target not in PLAIN:
        raise StationError("bad_input", _("Choose the station's own accounts."))
    kind = JournalKind.OPENING if wish.source == OPENING else JournalKind.TRANSFER
    currency = rules.for_station(actor.station_id).currency
    moves = (Move(debit=wish.target, credit=wish.source, amount_minor=wish.amount_minor),)
    return post(actor, Journal(f"move:{key}", kind, currency, moves, note=reason_of(wish.reason)))
