"""Tables of the day book."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from station.core.db import Base, TenantRow, UtcDateTime, tenant_args


class Day(TenantRow, Base):
    """One working day of a station, closed with its figures and a signature over them."""

    __tablename__ = "days"
    __table_args__ = tenant_args(UniqueConstraint("station_id", "day"))

    day: Mapped[date] = mapped_column(Date)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_by: Mapped[str] = mapped_column(String(40))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[str | None] = mapped_column(String(40))
    statement: Mapped[str | None] = mapped_column(Text)  # the figures, as canonical JSON: what was signed
    anchor_seq: Mapped[int | None] = mapped_column(BigInteger)
    signature: Mapped[bytes | None] = mapped_column(LargeBinary(64))
    note: Mapped[str | None] = mapped_column(String(500))  # corrections, a line each, added after the close


class Shift(TenantRow, Base):
    """Somebody's time at the station."""

    __tablename__ = "shifts"
    __table_args__ = tenant_args(
        Index("ix_shifts_station_id_started_at", "station_id", "started_at"),
        Index(
            "uq_shifts_open",
            "station_id",
            "account_id",
            unique=True,
            sqlite_where=text("ended_at is null"),
            postgresql_where=text("ended_at is null"),
        ),
    )

    account_id: Mapped[int] = mapped_column(BigInteger)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
