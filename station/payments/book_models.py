"""Tables of reconciliation: a provider's file of a day, and where it differs from our books."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from station.core.db import Base, Encrypted, TenantRow, UtcDateTime, tenant_args, tenant_fk


class Reconciliation(TenantRow, Base):
    """One comparison of our books with a provider's file of a day. The same file is compared once."""

    __tablename__ = "reconciliations"
    __table_args__ = tenant_args(
        UniqueConstraint("station_id", "provider", "day", "sha256"),
        CheckConstraint("rows >= 0 and matched >= 0 and differing >= 0", "counts"),
    )

    provider: Mapped[str] = mapped_column(String(12))
    day: Mapped[date] = mapped_column(Date)
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    rows: Mapped[int] = mapped_column(Integer)  # lines of the file
    matched: Mapped[int] = mapped_column(Integer)
    differing: Mapped[int] = mapped_column(Integer)
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # The file's sums; None where it was compared before they were kept.
    paid_minor: Mapped[int | None] = mapped_column(BigInteger)
    back_minor: Mapped[int | None] = mapped_column(BigInteger)
    fees_minor: Mapped[int | None] = mapped_column(BigInteger)


class ReconciliationLine(TenantRow, Base):
    """One difference, and what was done about it. `number` is ours, `provider_ref` the provider's."""

    __tablename__ = "reconciliation_lines"
    __table_args__ = tenant_args(
        tenant_fk("reconciliation_id", "reconciliations"),
        tenant_fk("payment_id", "payments"),
        tenant_fk("refund_id", "refunds"),
        UniqueConstraint("station_id", "reconciliation_id", "kind", "what", "number"),
        Index("ix_reconciliation_lines_station_id_state", "station_id", "state"),
        CheckConstraint("kind in ('missing_here', 'missing_there', 'other_amount')", "kind"),
        CheckConstraint("what in ('payment', 'refund')", "what"),
        CheckConstraint("state in ('open', 'booked', 'explained')", "state"),
        CheckConstraint("(state = 'open') = (ended_at is null)", "ended"),
        CheckConstraint("(kind = 'missing_here') = (ours_minor is null)", "ours"),
        CheckConstraint("(kind = 'missing_there') = (theirs_minor is null)", "theirs"),
    )

    reconciliation_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(16))
    what: Mapped[str] = mapped_column(String(10))
    number: Mapped[str] = mapped_column(String(64))
    provider_ref: Mapped[str | None] = mapped_column(String(64))
    payment_id: Mapped[int | None] = mapped_column(BigInteger)
    refund_id: Mapped[int | None] = mapped_column(BigInteger)
    ours_minor: Mapped[int | None] = mapped_column(BigInteger)
    theirs_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(10))
    note: Mapped[str | None] = mapped_column(Encrypted)  # why the difference is none, in somebody's words
    ended_by: Mapped[str | None] = mapped_column(String(40))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fee_minor: Mapped[int] = mapped_column(BigInteger, server_default="0")  # what the provider kept of it
