"""Tables of claims: what buyers say was wrong with goods they collected, with their pictures, and what was answered."""

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

from station.core.db import Base, Encrypted, TenantRow, UtcDateTime, tenant_args, tenant_fk

OPEN = text("state = 'open'")


class OrderClaim(TenantRow, Base):
    """A claim about so many units of a collected order. Whose it is stands in the order, which follows its buyer.

    The database keeps at most one open claim of an order, and an amount and who bears it with a refund alone.
    """

    __tablename__ = "order_claims"
    __table_args__ = tenant_args(
        tenant_fk("order_id", "group_orders"),
        Index("ix_order_claims_station_id_order_id", "station_id", "order_id"),
        Index(
            "uq_order_claims_open",
            "station_id",
            "order_id",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        CheckConstraint("state in ('open', 'refunded', 'refused', 'withdrawn')", "state"),
        CheckConstraint("problem in ('bad', 'damaged', 'missing', 'wrong')", "problem"),
        CheckConstraint("units >= 1", "units"),
        CheckConstraint("refunded_units between 0 and units", "refunded_units"),
        CheckConstraint("(state = 'refunded') = (refunded_units >= 1)", "refunded"),
        CheckConstraint("(state = 'refunded') = (amount_minor >= 1)", "amount_minor"),
        CheckConstraint("(state = 'refunded') = (borne_by in ('supplier', 'station'))", "borne_by"),
        CheckConstraint("(state = 'open') = (ended_at is null)", "ended_at"),
    )

    order_id: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10))
    problem: Mapped[str] = mapped_column(String(8))
    units: Mapped[int] = mapped_column(Integer)
    words: Mapped[str | None] = mapped_column(Encrypted)  # the buyer's; empty once they were erased
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(40))
    refunded_units: Mapped[int] = mapped_column(Integer, default=0)
    amount_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    borne_by: Mapped[str] = mapped_column(String(8), default="")
    answer: Mapped[str | None] = mapped_column(Encrypted)  # what staff say to it; empty once it was erased


class ClaimPicture(TenantRow, Base):
    """A picture of a claim, encrypted: what is in it is the buyer's. The row stays when the picture is erased."""

    __tablename__ = "claim_pictures"
    __table_args__ = tenant_args(
        tenant_fk("claim_id", "order_claims"),
        UniqueConstraint("station_id", "claim_id", "place"),
        CheckConstraint("place >= 1", "place"),
    )

    claim_id: Mapped[int] = mapped_column(BigInteger)
    place: Mapped[int] = mapped_column(Integer)  # 1 is shown first
    media_type: Mapped[str] = mapped_column(String(20))
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))  # of the picture as it is kept
    content: Mapped[bytes | None] = mapped_column(LargeBinary)  # empty once it was erased
