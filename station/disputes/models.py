"""Tables of disputes: a claim about a signed manifest, and the lines of it that it is about."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from station.core.db import Base, Encrypted, Tenant, TenantRow, UtcDateTime, tenant_args, tenant_fk

STANDING = text("state in ('open', 'answered')")
LINE_STANDING = text("ended_at is null")


class Dispute(TenantRow, Base):
    """A claim about parcels of a signed manifest. `document` is the log as it was at opening (log.py), never changed.

    `words` and `answer` are what people wrote; empty where nobody wrote anything, and once they were erased.
    """

    __tablename__ = "disputes"
    __table_args__ = tenant_args(
        tenant_fk("manifest_id", "return_manifests"),
        Index("ix_disputes_station_id_manifest_id", "station_id", "manifest_id"),
        Index("ix_disputes_standing", "station_id", "id", sqlite_where=STANDING, postgresql_where=STANDING),
        CheckConstraint("claim in ('not_received', 'other_parcel', 'damaged')", "claim"),
        CheckConstraint("state in ('open', 'answered', 'for_station', 'for_carrier', 'withdrawn')", "state"),
        CheckConstraint("(state in ('open', 'answered')) = (ended_at is null)", "ended"),
    )

    manifest_id: Mapped[int] = mapped_column(BigInteger)
    carrier: Mapped[str] = mapped_column(String(12), ForeignKey("carriers.code"))
    claim: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(12))
    opened_by: Mapped[str] = mapped_column(String(40))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    words: Mapped[str | None] = mapped_column(Encrypted)
    document: Mapped[bytes] = mapped_column(LargeBinary)  # UTF-8 JSON of ids, codes and hashes
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))  # of `document`, as the log has it
    answer: Mapped[str | None] = mapped_column(Encrypted)
    answered_by: Mapped[str | None] = mapped_column(String(40))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(40))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DisputeParcel(Tenant, Base):
    """A line of the manifest that a claim is about; no line is in two claims that stand."""

    __tablename__ = "dispute_parcels"
    __table_args__ = tenant_args(
        tenant_fk("dispute_id", "disputes"),
        tenant_fk("item_id", "return_items"),
        tenant_fk("parcel_id", "parcels"),
        Index(
            "uq_dispute_parcels_standing",
            "station_id",
            "item_id",
            unique=True,
            sqlite_where=LINE_STANDING,
            postgresql_where=LINE_STANDING,
        ),
        Index("ix_dispute_parcels_station_id_parcel_id", "station_id", "parcel_id"),
    )

    dispute_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    parcel_id: Mapped[int] = mapped_column(BigInteger)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
