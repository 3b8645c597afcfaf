"""What a partner's account tells of a period, by campaign or by day of parcel fees, and which periods are settled."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, select

from station.core.db import connection
from station.group_buys.models import Arrival, Campaign, GroupOrder
from station.ledger import queries, statements
from station.ledger.chart import AccountKind, AccountRef, JournalKind
from station.ledger.journal import Move, Posted
from station.ledger.models import LedgerJournal, LedgerPosting, Settlement
from station.ledger.statements import Entry, Period
from station.parcel_fees import queries as parcel_fees
from station.parcel_fees.queries import Earning

PARTNERS = (AccountKind.SUPPLIER, AccountKind.STATION, AccountKind.CARRIER)
ORDER = "group_order:"  # how a journal names what it is about
# How the key of a journal begins that gives back for a complaint (station/claims/service.py).
CLAIM = "claim:"


@dataclass(frozen=True, slots=True)
class Bought:
    """A campaign as a statement names it, with what of the goods did not come or came broken."""

    id: int
    number: int
    title: str
    short: int
    damaged: int


@dataclass(slots=True)
class Row:
    """What a campaign brought: what buyers paid, what they got back, what others kept of it, and the owner's part.

    `complaints_minor` is in `back_minor` too.
    """

    campaign: Bought | None
    sold_minor: int = 0
    back_minor: int = 0
    complaints_minor: int = 0
    own_minor: int = 0

    @property
    def kept_minor(self) -> int:
        """Commission and others' shares."""
        return self.sold_minor - self.back_minor - self.own_minor


@dataclass(slots=True)
class Account:
    """A period of a partner's account. `owed` is what the station owes at that moment."""

    ref: AccountRef
    currency: str
    period: Period
    before_minor: int
    after_minor: int
    paid_minor: int = 0
    other_minor: int = 0
    rows: list[Row] = field(default_factory=list)
    # Of a carrier: how many parcels of which day earned a fee.
    earned: list[Earning] = field(default_factory=list)
    # What is of no group buy and no parcel: payouts, fines, reversals, corrections.
    plain: list[Entry] = field(default_factory=list)

    @property
    def earned_minor(self) -> int:
        """What a carrier owes for its parcels of the period."""
        return sum(one.amount_minor for one in self.earned)


def account(station_id: int, ref: AccountRef, currency: str, period: Period) -> Account:
    """Return a partner's period. Raises StationError `bad_input` for a period that is none."""
    shown = statements.statement(station_id, ref, currency, period, limit=1)
    made = Account(ref, currency, period, shown.opening_minor, shown.closing_minor)
    entries = list(statements.whole(station_id, ref, currency, period))
    journals = sorted({one.place.journal_id for one in entries})
    moves, of_complaints = queries.moves_of(station_id, journals), _of_complaints(station_id, journals)
    bought = campaigns_of(station_id, {order for one in entries if (order := _order(one)) is not None})
    rows: dict[int | None, Row] = {}
    told: set[int] = set()
    made.earned = parcel_fees.earnings(station_id, [one.place.journal_id for one in entries if _is_fee(one)])
    for one in entries:
        order = _order(one)
        if _is_fee(one):
            continue
        if order is None:
            _add_plain(made, one)
            continue
        campaign = bought.get(order)
        row = rows.setdefault(campaign.id if campaign else None, Row(campaign))
        row.own_minor += one.amount_minor
        if one.place.journal_id not in told:  # a journal may move to the account twice; buyers paid once
            told.add(one.place.journal_id)
            _add_paid(row, moves[one.place.journal_id], of_complaint=one.place.journal_id in of_complaints)
    made.rows = sorted(rows.values(), key=lambda row: row.campaign.number if row.campaign else 0)
    return made


def _order(entry: Entry) -> int | None:
    text = entry.refers_to or ""
    return int(text.removeprefix(ORDER)) if text.startswith(ORDER) else None


def _is_fee(entry: Entry) -> bool:
    return entry.kind is JournalKind.PARCEL_FEE


def _add_plain(made: Account, entry: Entry) -> None:
    made.plain.append(entry)
    settles = (JournalKind.PAYOUT, JournalKind.PAY_IN)
    is_money = entry.other.kind in (AccountKind.BANK, AccountKind.CASH)
    # Goods left over that were sold for cash are no payment to their supplier.
    if entry.kind in settles or (is_money and entry.kind is not JournalKind.SALE):
        made.paid_minor -= entry.amount_minor
    else:
        made.other_minor += entry.amount_minor


def _of_complaints(station_id: int, journal_ids: Sequence[int]) -> set[int]:
    """Return those of the journals that give money back for a complaint about the goods."""
    found: set[int] = set()
    for part in queries.chunks(journal_ids):
        here = (LedgerJournal.station_id == station_id, LedgerJournal.id.in_(part))
        query = select(LedgerJournal.id).where(*here, LedgerJournal.key.startswith(CLAIM))
        found.update(connection().scalars(query))
    return found


def _add_paid(row: Row, moves: Iterable[Move], *, of_complaint: bool) -> None:
    for move in moves:
        if move.debit.kind is AccountKind.RESIDENT:
            row.sold_minor += move.amount_minor
        if move.credit.kind is AccountKind.RESIDENT:
            row.back_minor += move.amount_minor
            row.complaints_minor += move.amount_minor * of_complaint


def campaigns_of(station_id: int, order_ids: Iterable[int]) -> dict[int, Bought]:
    """Return the campaign of each order."""
    wanted = sorted(order_ids)
    found: dict[int, Bought] = {}
    short = func.coalesce(func.sum(Arrival.short), 0)
    damaged = func.coalesce(func.sum(Arrival.damaged), 0)
    for part in queries.chunks(wanted):
        query = (
            select(GroupOrder.id, Campaign.id, Campaign.number, Campaign.title, short, damaged)
            .join(
                Campaign,
                and_(Campaign.station_id == GroupOrder.station_id, Campaign.id == GroupOrder.campaign_id),
            )
            .outerjoin(
                Arrival,
                and_(
                    Arrival.station_id == GroupOrder.station_id, Arrival.campaign_id == GroupOrder.campaign_id
                ),
            )
            .where(GroupOrder.station_id == station_id, GroupOrder.id.in_(part))
            .group_by(GroupOrder.id, Campaign.id, Campaign.number, Campaign.title)
        )
        for order_id, campaign_id, number, title, missing, broken in connection().execute(query):
            found[order_id] = Bought(campaign_id, number, title, int(missing), int(broken))
    return found


@dataclass(frozen=True, slots=True)
class Settled:
    """A period that was settled."""

    id: int
    kind: str
    owner: str
    currency: str
    first_day: date
    last_day: date
    owed_minor: int
    paid_minor: int
    journal_id: int | None
    made_at: datetime
    made_by: str
    received_minor: int
    reference: str

    @property
    def period(self) -> Period:
        """Its days."""
        return Period(self.first_day, self.last_day)

    @property
    def ref(self) -> AccountRef:
        """Whose account was settled."""
        return AccountRef(AccountKind(self.kind), self.owner)


_SETTLED = select(*(getattr(Settlement, name) for name in Settled.__slots__))


def settlements(station_id: int, *conditions: Any, limit: int) -> Sequence[Settled]:
    """Return settlements that meet `conditions`, newest first."""
    query = _SETTLED.where(Settlement.station_id == station_id, *conditions)
    rows = connection().execute(query.order_by(Settlement.last_day.desc(), Settlement.id.desc()).limit(limit))
    return [Settled(*row) for row in rows]


def key_of(ref: AccountRef, currency: str, period: Period) -> str:
    """Return the key under which a period's settlement is posted."""
    days = f"{period.first_day.isoformat()}:{period.last_day.isoformat()}"
    return f"settlement:{ref.kind}:{ref.owner}:{currency}:{days}"


def journal_of(station_id: int, settled: Settled) -> Posted | None:
    """Return the journal by which a settlement was paid or received, None where nothing was."""
    key = key_of(settled.ref, settled.currency, settled.period)
    return queries.posted_under(station_id, [key]).get(key)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the station stands with a partner: owed at the end of a day and now, and up to which day it is settled."""

    ref: AccountRef
    currency: str
    then_minor: int
    now_minor: int
    settled_until: date | None


def standings(station_id: int, until: date) -> list[Standing]:
    """Return every partner with whom something is open at the end of `until` or now, the largest sums first."""
    then, now = ({one[:2]: one[2] for one in _owed(station_id, day)} for day in (until, None))
    settled = _settled_until(station_id)
    found = [
        Standing(
            ref,
            currency,
            then.get((ref, currency), 0),
            now.get((ref, currency), 0),
            settled.get((ref, currency)),
        )
        for ref, currency in then.keys() | now.keys()
    ]
    return sorted(found, key=lambda one: (-abs(one.then_minor), -abs(one.now_minor), one.ref, one.currency))


def _owed(station_id: int, until: date | None) -> list[tuple[AccountRef, str, int]]:
    lines = [line for kind in PARTNERS for line in queries.owners(station_id, kind, until=until)]
    return [(line.ref, line.currency, line.balance_minor) for line in lines]


def _settled_until(station_id: int) -> dict[tuple[AccountRef, str], date]:
    columns = (Settlement.kind, Settlement.owner, Settlement.currency)
    query = select(*columns, func.max(Settlement.last_day)).where(Settlement.station_id == station_id)
    rows = connection().execute(query.group_by(*columns))
    return {(AccountRef(AccountKind(kind), owner), currency): day for kind, owner, currency, day in rows}


def usual_period(station_id: int, ref: AccountRef, currency: str) -> Period:
    """Return the days a manager settles next: to the end of last month, or to yesterday when that was settled before.

    They follow the last settlement; where there is none, they begin with the month of the account's first movement.
    """
    today = queries.posting_day(station_id)
    month_end = today.replace(day=1) - timedelta(days=1)
    settled = _settled_until(station_id).get((ref, currency))
    first = settled + timedelta(days=1) if settled else _first_month(station_id, ref, currency)
    first = first or month_end.replace(day=1)
    return Period(first, max(first, month_end if month_end >= first else today - timedelta(days=1)))


def _first_month(station_id: int, ref: AccountRef, currency: str) -> date | None:
    account_id = queries.account_ids(station_id, [(ref, currency)]).get((ref, currency))
    first = (
        select(func.min(LedgerPosting.day)).where(LedgerPosting.station_id == station_id, side == account_id)
        for side in queries.SIDES
    )
    days = [day for query in first if (day := connection().scalar(query))]
    return min(days).replace(day=1) if days else None


def touching(station_id: int, ref: AccountRef, currency: str, period: Period) -> Settled | None:
    """Return a settlement of the same account whose days and those of `period` meet."""
    found = settlements(
        station_id,
        Settlement.kind == ref.kind,
        Settlement.owner == ref.owner,
        Settlement.currency == currency,
        Settlement.first_day <= period.last_day,
        Settlement.last_day >= period.first_day,
        limit=1,
    )
    return found[0] if found else None
