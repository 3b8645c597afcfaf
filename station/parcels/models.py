"""Tables of parcels, their pickup codes, and the batches in which they came in."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from station.core.db import Base, Encrypted, Tenant, TenantRow, UtcDateTime, tenant_args, tenant_fk

STORED = text("state = 'stored'")
OVERDUE = text("state = 'stored' and level in ('overdue', 'alert', 'return')")
TROUBLED = text(
    "state in ('stored', 'returning', 'lost')"
    " and (problem is not null or hold_reason is not null or write_off_by is not null)"
)
ACTIVE = text("state in ('expected', 'stored', 'returning', 'lost')")
IN_USE = text("released_at is null")


class Parcel(TenantRow, Base):
    """A parcel at a station: what it is, where it is, whom it is for, and until when."""

    __tablename__ = "parcels"
    __table_args__ = tenant_args(
        tenant_fk("recipient_id", "recipients"),
        tenant_fk("layer_id", "layers"),
        tenant_fk("batch_id", "check_in_batches"),
        Index(
            "uq_parcels_active_waybill",
            "station_id",
            "waybill",
            unique=True,
            sqlite_where=ACTIVE,
            postgresql_where=ACTIVE,
        ),
        Index("ix_parcels_due", "station_id", "due_at", sqlite_where=STORED, postgresql_where=STORED),
        Index(
            "ix_parcels_overdue",
            "station_id",
            "state",  # says what the condition says, so that SQLite does not take the wider index for the better one
            "stored_at",
            "id",
            sqlite_where=OVERDUE,
            postgresql_where=OVERDUE,
        ),
        Index(
            "ix_parcels_troubled",
            "station_id",
            "state",  # says what the condition says, so that SQLite does not take the wider index for the better one
            "stored_at",
            "id",
            sqlite_where=TROUBLED,
            postgresql_where=TROUBLED,
        ),
        Index("ix_parcels_station_id_recipient_id", "station_id", "recipient_id"),
        Index("ix_parcels_station_id_waybill", "station_id", "waybill"),
        Index("ix_parcels_station_id_waybill_tail", "station_id", "waybill_tail"),
        Index("ix_parcels_station_id_state_stored_at", "station_id", "state", "stored_at", "id"),
        Index(
            "ix_parcels_station_id_layer_id",
            "station_id",
            "layer_id",
            sqlite_where=STORED,
            postgresql_where=STORED,
        ),
        Index("ix_parcels_station_id_left_at", "station_id", "left_at"),
        Index("ix_parcels_station_id_batch_id", "station_id", "batch_id"),
        CheckConstraint("(state in ('stored', 'returning')) = (layer_id is not null)", "place"),
        CheckConstraint("storage in ('room', 'chilled', 'frozen')", "storage"),
        CheckConstraint(
            "consent_basis in ('standing', 'this_parcel', 'declared_by_courier', 'unknown')", "consent_basis"
        ),
    )

    waybill: Mapped[str] = mapped_column(String(32))
    waybill_tail: Mapped[str] = mapped_column(String(4))
    carrier: Mapped[str | None] = mapped_column(String(12), ForeignKey("carriers.code"))
    state: Mapped[str] = mapped_column(String(16))
    recipient_id: Mapped[int | None] = mapped_column(BigInteger)
    layer_id: Mapped[int | None] = mapped_column(BigInteger)  # where it is; empty once it left
    batch_id: Mapped[int | None] = mapped_column(BigInteger)
    pickup_code: Mapped[str | None] = mapped_column(String(24))  # as printed; stays after it left
    needs_sticker: Mapped[bool] = mapped_column(default=False)
    size_class: Mapped[str] = mapped_column(String(8), default="medium")
    storage: Mapped[str | None] = mapped_column(String(8))  # how cold to keep it; empty where nobody said
    consent_basis: Mapped[str] = mapped_column(String(20))
    problem: Mapped[str | None] = mapped_column(String(20))
    hold_reason: Mapped[str | None] = mapped_column(String(120))
    level: Mapped[str] = mapped_column(String(10), default="none")  # the storage level entered last
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when the next level begins
    # Hours by which the recipient put all levels off, and how often (extension.py).
    extended_h: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    extended_times: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    announced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stored_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    write_off_reason: Mapped[str | None] = mapped_column(String(120))
    write_off_by: Mapped[str | None] = mapped_column(String(40))  # who asked; somebody else confirms
    # Not disposed of before (unclaimed register).
    kept_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)


class PickupCode(TenantRow, Base):
    """One use of a number in a row, from when it was given until it was released, with the rule that chose it."""

    __tablename__ = "pickup_codes"
    __table_args__ = tenant_args(
        tenant_fk("parcel_id", "parcels"),
        tenant_fk("layer_id", "layers"),
        Index(
            "uq_pickup_codes_in_use",
            "station_id",
            "layer_id",
            "number",
            unique=True,
            sqlite_where=IN_USE,
            postgresql_where=IN_USE,
        ),
        Index("ix_pickup_codes_number", "station_id", "layer_id", "number", "released_at"),
        Index("ix_pickup_codes_released", "station_id", "layer_id", "released_at"),
        Index("ix_pickup_codes_station_id_parcel_id", "station_id", "parcel_id"),
        Index("ix_pickup_codes_station_id_code", "station_id", "code"),
    )

    parcel_id: Mapped[int] = mapped_column(BigInteger)
    layer_id: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int] = mapped_column(Integer)
    code: Mapped[str] = mapped_column(String(24))  # canonical: 15-1-1
    rule: Mapped[str] = mapped_column(String(16))
    regime: Mapped[str] = mapped_column(String(10))
    cool_down_s: Mapped[int] = mapped_column(Integer)
    free: Mapped[int] = mapped_column(Integer)
    space: Mapped[int] = mapped_column(Integer)
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CheckInBatch(TenantRow, Base):
    """Scans of one person in one go; remembers the shelf and the carrier between scans."""

    __tablename__ = "check_in_batches"
    __table_args__ = tenant_args(
        tenant_fk("layer_id", "layers"),
        Index("ix_check_in_batches_station_id_opened_by", "station_id", "opened_by", "closed_at"),
    )

    layer_id: Mapped[int | None] = mapped_column(BigInteger)
    carrier: Mapped[str | None] = mapped_column(String(12), ForeignKey("carriers.code"))
    is_silent: Mapped[bool] = mapped_column(default=False)  # parcels the station already holds: no messages
    is_declared: Mapped[bool] = mapped_column(default=False)  # the courier declared consent for all of it
    size_class: Mapped[str] = mapped_column(String(8), default="medium")
    opened_by: Mapped[str] = mapped_column(String(40))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OpenQuestion(Tenant, Base):
    """A scanned parcel that waits for an answer before it is stored; at most one in a batch."""

    __tablename__ = "open_questions"
    __table_args__ = tenant_args(tenant_fk("batch_id", "check_in_batches"))

    batch_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    waybill: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(20))
    carrier: Mapped[str | None] = mapped_column(String(12), ForeignKey("carriers.code"))
    recipient_id: Mapped[int | None] = mapped_column(BigInteger)
    consent: Mapped[str | None] = mapped_column(String(20))  # a basis given while answering
    consent_how: Mapped[str | None] = mapped_column(String(20))
    scanned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class HandOver(TenantRow, Base):
    """A parcel that left to a person; undone by a later moment, never by deletion."""

    __tablename__ = "hand_overs"
    __table_args__ = tenant_args(
        tenant_fk("parcel_id", "parcels"),
        Index("ix_hand_overs_station_id_parcel_id", "station_id", "parcel_id"),
        Index(
            "uq_hand_overs_valid",
            "station_id",
            "parcel_id",
            unique=True,
            sqlite_where=text("undone_at is null"),
            postgresql_where=text("undone_at is null"),
        ),
        CheckConstraint("taken_by in ('recipient', 'proxy')", "taken_by"),
    )

    parcel_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    method: Mapped[str] = mapped_column(String(20))  # counter, api
    taken_by: Mapped[str] = mapped_column(String(10))
    proxy_name: Mapped[str | None] = mapped_column(Encrypted)
    # The proxies row that allowed it. No foreign key: SQLite adds none to a table that is there already.
    proxy_id: Mapped[int | None] = mapped_column(BigInteger)
    handed_by: Mapped[str] = mapped_column(String(40))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Attachment(TenantRow, Base):
    """A picture that belongs to a parcel: damage, hand-over, signature. Erasable; the log keeps its hash."""

    __tablename__ = "attachments"
    __table_args__ = tenant_args(
        tenant_fk("parcel_id", "parcels"),
        Index("ix_attachments_station_id_parcel_id", "station_id", "parcel_id"),
    )

    parcel_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(12))
    media_type: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))  # of the picture as it was given
    content: Mapped[bytes | None] = mapped_column(LargeBinary)  # encrypted; empty once erased
    added_by: Mapped[str] = mapped_column(String(40))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
