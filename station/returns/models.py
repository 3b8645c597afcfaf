"""Tables of return manifests, the parcels on them, and the register of the unclaimable."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from station.core.db import Base, Encrypted, TenantRow, UtcDateTime, tenant_args, tenant_fk

OPEN = text("state = 'open'")
ON = text("state = 'on'")
IN_FORCE = text("removed_at is null")


class ReturnManifest(TenantRow, Base):
    """What a carrier's courier takes back in one go, with the courier's name and signature once it is signed."""

    __tablename__ = "return_manifests"
    __table_args__ = tenant_args(
        Index(
            "uq_return_manifests_open",
            "station_id",
            "carrier",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        CheckConstraint("state in ('open', 'signed', 'cancelled')", "state"),
        CheckConstraint("(state = 'signed') = (sha256 is not null)", "signed"),
        CheckConstraint("(state = 'open') = (ended_at is null)", "ended"),
    )

    carrier: Mapped[str] = mapped_column(String(12), ForeignKey("carriers.code"))
    state: Mapped[str] = mapped_column(String(10))
    opened_by: Mapped[str] = mapped_column(String(40))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(40))  # who had it signed, or cancelled it
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    courier_name: Mapped[str | None] = mapped_column(Encrypted)
    media_type: Mapped[str | None] = mapped_column(String(40))
    sha256: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # of the signature as it was given
    signature: Mapped[bytes | None] = mapped_column(LargeBinary)  # encrypted; empty once erased


class ReturnItem(TenantRow, Base):
    """A parcel on a manifest; taken off by a later moment, never by deletion."""

    __tablename__ = "return_items"
    __table_args__ = tenant_args(
        tenant_fk("manifest_id", "return_manifests"),
        tenant_fk("parcel_id", "parcels"),
        Index(
            "uq_return_items_on",
            "station_id",
            "parcel_id",
            unique=True,
            sqlite_where=ON,
            postgresql_where=ON,
        ),
        Index("ix_return_items_station_id_manifest_id", "station_id", "manifest_id"),
        Index("ix_return_items_station_id_parcel_id", "station_id", "parcel_id"),
        CheckConstraint("state in ('on', 'off', 'returned')", "state"),
    )

    manifest_id: Mapped[int] = mapped_column(BigInteger)
    parcel_id: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10))
    added_by: Mapped[str] = mapped_column(String(40))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(40))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    off_reason: Mapped[str | None] = mapped_column(String(20))  # why a courier did not take it


class UnclaimedParcel(TenantRow, Base):
    """A parcel that nobody collects and no carrier takes back (无着快件), and until when it must be kept.

    Whether its disposal is asked for or done stands with the parcel and in the log, as for any write-off.
    """

    __tablename__ = "unclaimed_parcels"
    __table_args__ = tenant_args(
        tenant_fk("parcel_id", "parcels"),
        Index(
            "uq_unclaimed_parcels_in_force",
            "station_id",
            "parcel_id",
            unique=True,
            sqlite_where=IN_FORCE,
            postgresql_where=IN_FORCE,
        ),
    )

    parcel_id: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(20))
    entered_by: Mapped[str] = mapped_column(String(40))
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    term_ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_by: Mapped[str | None] = mapped_column(String(40))
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
