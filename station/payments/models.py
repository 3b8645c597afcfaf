"""Tables of payments, refunds, providers' notices and settings. Those of reconciliation are in book_models.py."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from station.core.db import Base, Encrypted, Tenant, TenantRow, UtcDateTime, tenant_args, tenant_fk

ASKED = text("state = 'asked'")


class Payment(TenantRow, Base):
    """Money that was asked of a resident. Its id is the number under which the provider knows it.

    `refunded_minor` counts what was given back or is on its way: the database has the last word that this is never
    more than was paid, and nothing before it was paid.
    """

    __tablename__ = "payments"
    __table_args__ = tenant_args(
        tenant_fk("recipient_id", "recipients"),
        tenant_fk("journal_id", "journals"),
        UniqueConstraint("station_id", "key"),
        UniqueConstraint("station_id", "provider", "provider_ref"),
        Index("ix_payments_station_id_recipient_id", "station_id", "recipient_id"),
        Index("ix_payments_station_id_provider_paid_at", "station_id", "provider", "paid_at"),
        Index("ix_payments_asked", "station_id", "expires_at", sqlite_where=ASKED, postgresql_where=ASKED),
        CheckConstraint("state in ('asked', 'paid', 'expired', 'failed')", "state"),
        CheckConstraint("amount_minor > 0", "amount"),
        CheckConstraint("refunded_minor between 0 and amount_minor", "refunded"),
        CheckConstraint("refunded_minor = 0 or state = 'paid'", "refunded_paid"),
        CheckConstraint("(state = 'paid') = (paid_at is not null)", "paid"),
        CheckConstraint("(state = 'paid') = (journal_id is not null)", "booked"),
        CheckConstraint("scan in ('sent', 'confirm', 'refused')", "scan"),
        CheckConstraint("(scan is null) = (scanned_at is null)", "scanned"),
        CheckConstraint("(scan is not null and scan = 'refused') = (scan_reason is not null)", "scan_reason"),
    )

    key: Mapped[str] = mapped_column(String(128))
    purpose: Mapped[str] = mapped_column(String(48))  # `balance`, or `group_order:<id>`
    recipient_id: Mapped[int] = mapped_column(BigInteger)
    provider: Mapped[str] = mapped_column(String(12))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(10))
    provider_ref: Mapped[str | None] = mapped_column(String(64))  # the provider's own number of it
    asked_by: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None: money taken at the counter
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refunded_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    journal_id: Mapped[int | None] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer, default=1)
    code: Mapped[str | None] = mapped_column(String(512))  # what a counter shows as a QR code
    looked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when a counter asked the provider last
    scan: Mapped[str | None] = mapped_column(String(10))  # how it stands with the code that the payer showed
    scanned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when that code was sent last
    scan_reason: Mapped[str | None] = mapped_column(String(64))  # the provider's own code of a refusal


class Refund(TenantRow, Base):
    """Money given back to where it came from. Its id is the number under which the provider knows it."""

    __tablename__ = "refunds"
    __table_args__ = tenant_args(
        tenant_fk("payment_id", "payments"),
        tenant_fk("journal_id", "journals"),
        UniqueConstraint("station_id", "key"),
        Index("ix_refunds_station_id_payment_id", "station_id", "payment_id"),
        Index("ix_refunds_asked", "station_id", "asked_at", sqlite_where=ASKED, postgresql_where=ASKED),
        CheckConstraint("state in ('asked', 'done', 'failed')", "state"),
        CheckConstraint("amount_minor > 0", "amount"),
        CheckConstraint("(state = 'asked') = (ended_at is null)", "ended"),
    )

    payment_id: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str] = mapped_column(String(128))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(24))
    provider_ref: Mapped[str | None] = mapped_column(String(64))
    asked_by: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    journal_id: Mapped[int] = mapped_column(BigInteger)


class PaymentNotice(TenantRow, Base):
    """What somebody said in a provider's name, once each: its hash and what came of it, never its text.

    A forged one is kept by its hash, so that it takes no real one's place.
    """

    __tablename__ = "payment_notices"
    __table_args__ = tenant_args(
        tenant_fk("payment_id", "payments"),
        UniqueConstraint("station_id", "provider", "notice"),
        Index("ix_payment_notices_station_id_payment_id", "station_id", "payment_id"),
        Index("ix_payment_notices_station_id_at", "station_id", "at"),
    )

    provider: Mapped[str] = mapped_column(String(12))
    notice: Mapped[str] = mapped_column(String(128))
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    payment_id: Mapped[int | None] = mapped_column(BigInteger)
    outcome: Mapped[str] = mapped_column(String(24))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class PaymentProvider(Tenant, Base):
    """A way to pay from afar as the station set it up; `options` (JSON) hold its keys, encrypted with the rest."""

    __tablename__ = "payment_providers"
    __table_args__ = tenant_args()

    provider: Mapped[str] = mapped_column(String(12), primary_key=True)
    is_enabled: Mapped[bool]
    options: Mapped[str] = mapped_column(Encrypted)
    version: Mapped[int] = mapped_column(Integer)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TestMovement(TenantRow, Base):
    """What the test provider remembers, apart from our books as a real one's are: money it says it took or gave."""

    __test__ = False  # no test class of pytest's
    __tablename__ = "test_movements"
    __table_args__ = tenant_args(
        UniqueConstraint("station_id", "kind", "number"),
        Index("ix_test_movements_station_id_at", "station_id", "at"),
        CheckConstraint("kind in ('payment', 'refund')", "kind"),
        CheckConstraint("amount_minor > 0", "amount"),
    )

    kind: Mapped[str] = mapped_column(String(10))
    number: Mapped[str] = mapped_column(String(64))  # the station's: of the payment or the refund
    trade: Mapped[str] = mapped_column(String(64))  # the station's number of the payment
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    fee_minor: Mapped[int] = mapped_column(BigInteger, server_default="0")  # below nothing: given back
    # Keyed: of the code that the payer showed.
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary(16))
