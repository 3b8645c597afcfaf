"""Tables of the ledger. Accounts, journals and postings are only ever added to; words about them can be erased.

Every posting moves one amount from one account to another in one currency, and its keys hold the currency to both
accounts and to its journal. So every journal sums to zero by the shape of the table, on any database.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from station.core.db import Base, Encrypted, Tenant, TenantRow, UtcDateTime, tenant_args, tenant_fk
from station.ledger.chart import OWNED, AccountKind

CURRENCY = String(3)
OWNER = String(24)  # a 63-bit id has 19 digits; providers' codes are shorter


def _listed(values: Any) -> str:
    return ", ".join(f"'{value}'" for value in values)


class LedgerAccount(TenantRow, Base):
    """One account; made when it is first posted to."""

    __tablename__ = "ledger_accounts"
    __table_args__ = tenant_args(
        UniqueConstraint("station_id", "kind", "owner", "currency"),
        UniqueConstraint("station_id", "id", "currency"),
        CheckConstraint(f"kind in ({_listed(AccountKind)})", "kind"),
        CheckConstraint(f"(kind in ({_listed(sorted(OWNED))})) = (owner <> '')", "owner"),
    )

    kind: Mapped[str] = mapped_column(String(16))
    owner: Mapped[str] = mapped_column(OWNER)
    currency: Mapped[str] = mapped_column(CURRENCY)


class LedgerJournal(TenantRow, Base):
    """One thing that happened to money, under a key that is used once. `day` is the station's local date."""

    __tablename__ = "journals"
    __table_args__ = tenant_args(
        tenant_fk("reverses_id", "journals"),
        UniqueConstraint("station_id", "key"),
        UniqueConstraint("station_id", "reverses_id"),
        UniqueConstraint("station_id", "id", "day", "currency"),
        CheckConstraint("(kind = 'reversal') = (reverses_id is not null)", "reverses"),
        Index("ix_journals_station_id_day_id", "station_id", "day", "id"),
        Index("ix_journals_station_id_refers_to", "station_id", "refers_to"),
    )

    key: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(16))  # a chart.JournalKind
    currency: Mapped[str] = mapped_column(CURRENCY)
    day: Mapped[date] = mapped_column(Date)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(40))
    refers_to: Mapped[str | None] = mapped_column(String(48))  # such as group_order:123
    reverses_id: Mapped[int | None] = mapped_column(BigInteger)


class LedgerPosting(Tenant, Base):
    """One amount moved from one account (credit) to another (debit)."""

    __tablename__ = "postings"
    __table_args__ = tenant_args(
        ForeignKeyConstraint(
            ["station_id", "journal_id", "day", "currency"],
            ["journals.station_id", "journals.id", "journals.day", "journals.currency"],
        ),
        ForeignKeyConstraint(
            ["station_id", "debit_account_id", "currency"],
            ["ledger_accounts.station_id", "ledger_accounts.id", "ledger_accounts.currency"],
        ),
        ForeignKeyConstraint(
            ["station_id", "credit_account_id", "currency"],
            ["ledger_accounts.station_id", "ledger_accounts.id", "ledger_accounts.currency"],
        ),
        CheckConstraint("amount_minor > 0", "amount"),
        CheckConstraint("debit_account_id <> credit_account_id", "accounts"),
        Index("ix_postings_debit", "station_id", "debit_account_id", "day", "journal_id", "line"),
        Index("ix_postings_credit", "station_id", "credit_account_id", "day", "journal_id", "line"),
    )

    journal_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    line: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(Date)
    debit_account_id: Mapped[int] = mapped_column(BigInteger)
    credit_account_id: Mapped[int] = mapped_column(BigInteger)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CURRENCY)


class JournalNote(Tenant, Base):
    """What somebody typed about a journal: a row of its own, so that it can be erased and the ledger stays."""

    __tablename__ = "journal_notes"
    __table_args__ = tenant_args(tenant_fk("journal_id", "journals"))

    journal_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Encrypted)


class LedgerClose(Tenant, Base):
    """A closed day: its trial balance as canonical JSON, whose SHA-256 stands in the custody log."""

    __tablename__ = "ledger_closes"
    __table_args__ = tenant_args()

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    closed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_by: Mapped[str] = mapped_column(String(40))
    journals: Mapped[int] = mapped_column(Integer)  # how many were posted on the day
    balances: Mapped[str] = mapped_column(Text)
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))


class DrawerCount(TenantRow, Base):
    """Cash that was counted, what the books expected, and the journal that holds the difference."""

    __tablename__ = "drawer_counts"
    __table_args__ = tenant_args(
        tenant_fk("journal_id", "journals"),
        CheckConstraint("counted_minor >= 0", "counted"),
        CheckConstraint("(counted_minor = expected_minor) = (journal_id is null)", "difference"),
        CheckConstraint("moment in ('check', 'close', 'open')", "moment"),
        Index("ix_drawer_counts_station_id_day_id", "station_id", "day", "id"),
    )

    day: Mapped[date] = mapped_column(Date)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(40))
    currency: Mapped[str] = mapped_column(CURRENCY)
    counted_minor: Mapped[int] = mapped_column(BigInteger)
    expected_minor: Mapped[int] = mapped_column(BigInteger)
    journal_id: Mapped[int | None] = mapped_column(BigInteger)
    moment: Mapped[str] = mapped_column(String(8), server_default="check")  # a drawer.Moment
    pieces: Mapped[str] = mapped_column(Text, server_default="")  # by pieces.write; empty: only the sum


class LedgerRulesRow(Tenant, Base):
    """What a station decided about its money; no row means the defaults of rules.py."""

    __tablename__ = "ledger_rules"
    __table_args__ = tenant_args(
        CheckConstraint("storage_fee_minor >= 0", "fee"),
        CheckConstraint("storage_free_days >= 0", "days"),
        CheckConstraint("float_minor >= 0", "float_minor"),
    )

    currency: Mapped[str] = mapped_column(CURRENCY)
    storage_fee_minor: Mapped[int] = mapped_column(BigInteger)
    storage_free_days: Mapped[int] = mapped_column(Integer)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    float_minor: Mapped[int] = mapped_column(BigInteger, server_default="0")


class Settlement(TenantRow, Base):
    """A supplier's or partner station's period, settled: what was owed at its end, and what was paid or received.

    `reference` is the bank's number of it. `journal_id` is a payout's; what was received stands under the same key.
    """

    __tablename__ = "settlements"
    __table_args__ = tenant_args(
        tenant_fk("journal_id", "journals"),
        UniqueConstraint(
            "station_id", "kind", "owner", "currency", "first_day", "last_day", name="uq_settlements_period"
        ),
        CheckConstraint("kind in ('carrier', 'station', 'supplier')", "kind"),
        CheckConstraint("first_day <= last_day", "period"),
        CheckConstraint("paid_minor >= 0", "paid"),
        CheckConstraint("(paid_minor = 0) = (journal_id is null)", "journal"),
        CheckConstraint("received_minor >= 0", "received_minor"),
        CheckConstraint("length(reference) <= 64", "reference"),
    )

    kind: Mapped[str] = mapped_column(String(16))
    owner: Mapped[str] = mapped_column(OWNER)
    currency: Mapped[str] = mapped_column(CURRENCY)
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    owed_minor: Mapped[int] = mapped_column(BigInteger)
    paid_minor: Mapped[int] = mapped_column(BigInteger)
    journal_id: Mapped[int | None] = mapped_column(BigInteger)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(String(40))
    received_minor: Mapped[int] = mapped_column(BigInteger, server_default="0")
    reference: Mapped[str] = mapped_column(String(64), server_default="")
