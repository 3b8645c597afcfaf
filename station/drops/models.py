"""Tables of drops: a courier's visit with parcels, every scan of it, and the signed receipt."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from station.core.db import Base, TenantRow, UtcDateTime, tenant_args, tenant_fk


class Drop(TenantRow, Base):
    """One visit of a courier: from the scan of the station's code to the receipt, and the clerk's count after it."""

    __tablename__ = "drops"
    __table_args__ = tenant_args(
        # The same code opens one drop of a courier, from whichever of their phones and however often it is sent.
        UniqueConstraint("station_id", "account_id", "step"),
        Index("ix_drops_station_id_opened_at", "station_id", "opened_at"),
        CheckConstraint("state in ('open', 'finished', 'confirmed')", "state"),
        CheckConstraint("(state = 'open') = (receipt is null)", "receipt"),
        CheckConstraint("(state = 'confirmed') = (counted is not null)", "counted"),
    )

    account_id: Mapped[int] = mapped_column(BigInteger)  # the courier's
    step: Mapped[int] = mapped_column(BigInteger)  # of the code that was scanned (presence.py)
    state: Mapped[str] = mapped_column(String(10))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)  # when the code was scanned
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)  # when the station heard of it
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_by: Mapped[str | None] = mapped_column(String(40))
    told: Mapped[int | None] = mapped_column(Integer)  # how many parcels the courier says they leave
    receipt: Mapped[str | None] = mapped_column(Text)  # canonical JSON: what was signed
    signature: Mapped[bytes | None] = mapped_column(LargeBinary(64))
    counted: Mapped[int | None] = mapped_column(Integer)  # by the clerk
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[str | None] = mapped_column(String(40))


class DropScan(TenantRow, Base):
    """One scan of a drop, known by the key the phone gave it; what came of it, and what the recipient said after."""

    __tablename__ = "drop_scans"
    __table_args__ = tenant_args(
        tenant_fk("drop_id", "drops"),
        tenant_fk("parcel_id", "parcels"),
        UniqueConstraint("station_id", "drop_id", "key"),
        Index("ix_drop_scans_station_id_drop_id", "station_id", "drop_id", "id"),
        Index("ix_drop_scans_station_id_parcel_id", "station_id", "parcel_id"),
    )

    drop_id: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str] = mapped_column(String(80))
    seq: Mapped[int] = mapped_column(Integer)  # the phone's own order
    raw_hash: Mapped[bytes] = mapped_column(LargeBinary(16))  # tells the same scan sent again from another
    waybill: Mapped[str | None] = mapped_column(String(32))  # none that could be read: see refused_scans
    scanned_at: Mapped[datetime] = mapped_column(UtcDateTime)  # as the phone's clock says
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    size_class: Mapped[str | None] = mapped_column(String(8))  # if it was said
    outcome: Mapped[str] = mapped_column(String(16))
    stop: Mapped[str | None] = mapped_column(String(16))  # what it stopped for first, whatever came after
    parcel_id: Mapped[int | None] = mapped_column(BigInteger)
    tag: Mapped[str | None] = mapped_column(String(12))  # of the layer it was to be put on
    pickup_code: Mapped[str | None] = mapped_column(String(24))
    needs_sticker: Mapped[bool] = mapped_column(default=False)
    problem: Mapped[str | None] = mapped_column(String(20))
    choice: Mapped[str | None] = mapped_column(String(10))
    how: Mapped[str | None] = mapped_column(String(20))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
