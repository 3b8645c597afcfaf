"""The paper of a partner's period, to sign: by campaign for suppliers and stations, by day of parcels for carriers."""

from collections.abc import Callable
from dataclasses import dataclass

from station.core import clock
from station.core.i18n import gettext as _
from station.core.moments import full
from station.core.paper import Column, Paper, figures, words
from station.ledger.chart import JOURNAL_LABELS, AccountKind
from station.ledger.journal import Posted
from station.ledger.settlement_queries import Account, Row, Settled
from station.ledger.statements import Entry
from station.network.queries import StationFacts
from station.parcel_fees.queries import Earning

Write = Callable[[int, str], str]
"""How an amount of a currency is written."""
Parts = tuple[tuple[Column, ...], list[tuple[str, ...]], tuple[tuple[str, str], ...]]
"""The columns of a paper, its rows and its sums."""


@dataclass(frozen=True, slots=True)
class About:
    """Whose period it is and how it was settled: by which journal, and whether that was reversed."""

    name: str
    settled: Settled | None
    journal: Posted | None
    is_reversed: bool


def paper(station: StationFacts, account: Account, about: About, write: Write) -> Paper:
    """Return a partner's period as a paper."""
    draw = _of_carrier if account.ref.kind is AccountKind.CARRIER else _of_goods
    columns, rows, sums = draw(account, lambda amount: write(amount, account.currency))
    period = account.period
    return Paper(
        station=station.name,
        title=_("Settlement statement"),
        about=(
            (_("Partner"), about.name),
            (_("Period"), f"{period.first_day.isoformat()} – {period.last_day.isoformat()}"),
            (_("Currency"), account.currency),
            *_paid(about, write),
            (_("Printed"), full(clock.now(), station.zone)),
        ),
        columns=columns,
        rows=rows,
        sums=sums,
        signers=(_("For the station: date and signature"), _("For the partner: date and signature")),
    )


def _paid(about: About, write: Write) -> list[tuple[str, str]]:
    """Return how the period was settled: how much, when, and the bank's reference; nothing while it is open."""
    settled = about.settled
    if settled is None:
        return []
    amount = write(settled.paid_minor or settled.received_minor, settled.currency)
    label = _("Received") if settled.received_minor else _("Paid out")
    taken_back = [(_("Reversed"), _("It is owed again and settled with the next period."))]
    return [
        (label, f"{amount}, {about.journal.day.isoformat()}" if about.journal else amount),
        *([(_("Bank’s reference"), settled.reference)] if settled.reference else []),
        *(taken_back if about.is_reversed else []),
    ]


def _of_goods(account: Account, write: Callable[[int], str]) -> Parts:
    """Return what group buys brought a supplier or partner station; amounts are what the station owes."""

    def line(row: Row) -> tuple[str, ...]:
        campaign = row.campaign
        amounts = (row.sold_minor, row.back_minor, row.complaints_minor, row.kept_minor, row.own_minor)
        return (
            f"{campaign.number} {campaign.title}" if campaign else "?",
            str(campaign.short if campaign else 0),
            str(campaign.damaged if campaign else 0),
            *map(write, amounts),
        )

    titles = (
        _("Short"),
        _("Damaged"),
        _("Sold"),
        _("Given back"),
        _("For complaints"),
        _("Commission and shares"),
        _("Their part"),
    )
    plain = ((_plain(entry), "", "", "", "", "", "", write(entry.amount_minor)) for entry in account.plain)
    sums = (
        (_("Owed before"), write(account.before_minor)),
        (_("Their part"), write(sum(row.own_minor for row in account.rows))),
        (_("Other movements"), write(account.other_minor)),
        (_("Paid out"), write(account.paid_minor)),
        (_("Owed after"), write(account.after_minor)),
    )
    return (words(_("Group buy")), *map(figures, titles)), [*map(line, account.rows), *plain], sums


def _of_carrier(account: Account, write: Callable[[int], str]) -> Parts:
    """Return which parcels earned what from a carrier; amounts are what the carrier owes."""

    def line(one: Earning) -> tuple[str, ...]:
        return (one.day.isoformat(), str(one.parcels), write(one.fee_minor), write(one.amount_minor))

    plain = ((_plain(entry), "", "", write(-entry.amount_minor)) for entry in account.plain)
    titles = (_("Parcels"), _("Fee for a parcel"), _("Amount"))
    sums = (
        (_("Parcels"), str(sum(one.parcels for one in account.earned))),
        (_("They owed before"), write(-account.before_minor)),
        (_("Parcel fees"), write(account.earned_minor)),
        (_("Fines and other movements"), write(-account.other_minor)),
        (_("Received"), write(-account.paid_minor)),
        (_("They owe after"), write(-account.after_minor)),
    )
    return (words(_("Date")), *map(figures, titles)), [*map(line, account.earned), *plain], sums


def _plain(entry: Entry) -> str:
    return f"{entry.place.day.isoformat()} {_(JOURNAL_LABELS[entry.kind])}"
