"""Tables of manifests, what they say of each parcel, the rows that were refused, and days with parcels that missed."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from station.core.db import Base, Encrypted, Tenant, TenantRow, UtcDateTime, tenant_args, tenant_fk

COUNTED = text("state in ('running', 'done')")
OPEN = text("state in ('draft', 'running')")


class Manifest(TenantRow, Base):
    """What a carrier announced in one go: by the API, done at once, or as a file that is imported in steps.

    `rows_done` and `place` (bytes of the file of rows) say where an import goes on.
    """

    __tablename__ = "manifests"
    __table_args__ = tenant_args(
        Index(
            "uq_manifests_fingerprint",
            "station_id",
            "fingerprint",
            unique=True,
            sqlite_where=COUNTED,
            postgresql_where=COUNTED,
        ),
        Index("ix_manifests_open", "station_id", "state", sqlite_where=OPEN, postgresql_where=OPEN),
        CheckConstraint("source in ('file', 'api')", "source"),
        CheckConstraint("state in ('draft', 'running', 'done', 'failed', 'cancelled')", "state"),
        CheckConstraint("(state in ('draft', 'running')) = (ended_at is null)", "ended"),
    )

    source: Mapped[str] = mapped_column(String(4))
    state: Mapped[str] = mapped_column(String(10))
    # Where a row names none.
    carrier: Mapped[str | None] = mapped_column(String(12), ForeignKey("carriers.code"))
    expected_on: Mapped[date] = mapped_column(Date)  # where a row names no day
    file_name: Mapped[str | None] = mapped_column(String(120))
    sha256: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # of the file as it was uploaded
    layout: Mapped[str | None] = mapped_column(Text)  # JSON: encoding, delimiter, header row, columns
    fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # of the file and its columns
    rows: Mapped[int] = mapped_column(Integer)
    rows_done: Mapped[int] = mapped_column(Integer, default=0)
    place: Mapped[int] = mapped_column(BigInteger, default=0)
    announced: Mapped[int] = mapped_column(Integer, default=0)
    known: Mapped[int] = mapped_column(Integer, default=0)  # announced before, or here already
    refused: Mapped[int] = mapped_column(Integer, default=0)
    added_by: Mapped[str] = mapped_column(String(40))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Announced(Tenant, Base):
    """What a manifest says of a parcel beside what stands with the parcel itself.

    `masked_phone` and `name`: of somebody whose number the carrier hides, until it is known whom they mean.
    """

    __tablename__ = "announcements"
    __table_args__ = tenant_args(
        tenant_fk("parcel_id", "parcels"),
        tenant_fk("manifest_id", "manifests"),
        Index("ix_announcements_station_id_manifest_id", "station_id", "manifest_id"),
        Index("ix_announcements_station_id_missed_on", "station_id", "missed_on"),
    )

    parcel_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    manifest_id: Mapped[int] = mapped_column(BigInteger)
    row: Mapped[int] = mapped_column(Integer)  # of the file or the request, from 1
    expected_on: Mapped[date] = mapped_column(Date)
    masked_phone: Mapped[str | None] = mapped_column(Encrypted)
    name: Mapped[str | None] = mapped_column(Encrypted)
    missed_on: Mapped[date | None] = mapped_column(Date)  # the day it was reported for as never arrived


class ManifestFault(Tenant, Base):
    """A row of a file that was not imported, and why. The value is erased after a while."""

    __tablename__ = "manifest_faults"
    __table_args__ = tenant_args(tenant_fk("manifest_id", "manifests"))

    manifest_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    row: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    column: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(24))
    value: Mapped[str | None] = mapped_column(Encrypted)


class MissedReport(Tenant, Base):
    """How many parcels a carrier announced for a day, and how many of them had not come when the day was over."""

    __tablename__ = "missed_reports"
    __table_args__ = tenant_args()

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    carrier: Mapped[str] = mapped_column(String(12), ForeignKey("carriers.code"), primary_key=True)
    announced: Mapped[int] = mapped_column(Integer)
    missed: Mapped[int] = mapped_column(Integer)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
