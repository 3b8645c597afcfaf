"""Tables of stocktakes: the walk, what was scanned on it, and what differed from the books."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from station.core.db import Base, TenantRow, UtcDateTime, tenant_args, tenant_fk

OPEN = text("state = 'open'")


class Stocktake(TenantRow, Base):
    """One walk along the shelves, by as many people as like; a station has one open at a time."""

    __tablename__ = "stocktakes"
    __table_args__ = tenant_args(
        Index("uq_stocktakes_open", "station_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        CheckConstraint("state in ('open', 'closed', 'abandoned')", "state"),
        CheckConstraint("(state = 'open') = (ended_at is null)", "ended"),
    )

    state: Mapped[str] = mapped_column(String(10))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_by: Mapped[str] = mapped_column(String(40))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(40))


class StocktakeScan(TenantRow, Base):
    """A scan of a stocktake: a shelf card (no waybill), a parcel in a row, or one taken off the shelves (no row)."""

    __tablename__ = "stocktake_scans"
    __table_args__ = tenant_args(
        tenant_fk("stocktake_id", "stocktakes"),
        tenant_fk("layer_id", "layers"),
        Index("ix_stocktake_scans_station_id_stocktake_id_waybill", "station_id", "stocktake_id", "waybill"),
        Index("ix_stocktake_scans_station_id_waybill", "station_id", "waybill"),
        CheckConstraint("layer_id is not null or waybill is not null", "says_something"),
    )

    stocktake_id: Mapped[int] = mapped_column(BigInteger)
    layer_id: Mapped[int | None] = mapped_column(BigInteger)
    waybill: Mapped[str | None] = mapped_column(String(32))
    # When it was scanned, as far as its device can be believed.
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(40))


class StocktakeFinding(TenantRow, Base):
    """A difference that was settled, or was still open when the stocktake was closed (no resolution)."""

    __tablename__ = "stocktake_findings"
    __table_args__ = tenant_args(
        tenant_fk("stocktake_id", "stocktakes"),
        tenant_fk("parcel_id", "parcels"),
        tenant_fk("layer_id", "layers"),
        tenant_fk("seen_layer_id", "layers"),
        UniqueConstraint("station_id", "stocktake_id", "kind", "waybill"),
        CheckConstraint("kind in ('missing', 'misplaced', 'extra')", "kind"),
    )

    stocktake_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(10))
    waybill: Mapped[str] = mapped_column(String(32))
    parcel_id: Mapped[int | None] = mapped_column(BigInteger)  # empty for a waybill nobody knows
    state: Mapped[str | None] = mapped_column(String(16))  # of the parcel, as the books said then
    pickup_code: Mapped[str | None] = mapped_column(String(24))
    layer_id: Mapped[int | None] = mapped_column(BigInteger)  # where the books said it is
    seen_layer_id: Mapped[int | None] = mapped_column(BigInteger)  # where it was scanned
    resolution: Mapped[str | None] = mapped_column(String(12))
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_by: Mapped[str | None] = mapped_column(String(40))
