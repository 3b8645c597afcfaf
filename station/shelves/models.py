"""Tables of shelves and their layers."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from station.core.db import Base, TenantRow, UtcDateTime, tenant_args, tenant_fk

COUNTER_SPACE = 999  # DESIGN.md invariant 2: how far a row counts unless its setting says otherwise


class Shelf(TenantRow, Base):
    """A shelf; its code is printed on it and in every pickup code, so it never changes."""

    __tablename__ = "shelves"
    __table_args__ = tenant_args(
        UniqueConstraint("station_id", "code"),
        CheckConstraint("storage in ('room', 'chilled', 'frozen')", "storage"),
        CheckConstraint("storage = 'room' or not is_set_aside", "warm_set_aside"),
    )

    code: Mapped[str] = mapped_column(String(8))
    storage: Mapped[str] = mapped_column(String(8), default="room", server_default="room")  # how cold it is
    is_set_aside: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(Integer, default=0)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Layer(TenantRow, Base):
    """One layer of a shelf: the row in which numbers are given out."""

    __tablename__ = "layers"
    __table_args__ = tenant_args(
        tenant_fk("shelf_id", "shelves"),
        UniqueConstraint("station_id", "shelf_id", "number"),
        CheckConstraint("stored >= 0", "stored"),
        CheckConstraint("capacity > 0", "capacity"),
        CheckConstraint("counter_space > 0", "counter_space"),
        CheckConstraint("size_class in ('small', 'medium', 'large')", "size_class"),
    )

    shelf_id: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int] = mapped_column(Integer)
    capacity: Mapped[int] = mapped_column(Integer)
    size_class: Mapped[str] = mapped_column(String(8), default="medium")
    # How many numbers it counts through.
    counter_space: Mapped[int] = mapped_column(
        Integer, default=COUNTER_SPACE, server_default=str(COUNTER_SPACE)
    )
    stored: Mapped[int] = mapped_column(Integer, default=0)  # parcels on the layer now
    # The number given last: next-fit goes on from here.
    cursor: Mapped[int] = mapped_column(Integer, default=0)
