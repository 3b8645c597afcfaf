"""Tables of what happened: custody log, anchors, refused scans, outbox."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from station.core.db import Base, Encrypted, Tenant, TenantRow, UtcDateTime, tenant_args, tenant_fk


class CustodyEvent(Tenant, Base):
    """One link of a station's custody chain; appended, never changed. `hash` covers all other columns."""

    __tablename__ = "custody_events"
    __table_args__ = tenant_args(
        Index("ix_custody_events_station_id_parcel_id_seq", "station_id", "parcel_id", "seq"),
        Index("ix_custody_events_station_id_at", "station_id", "at"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(32))
    parcel_id: Mapped[int | None] = mapped_column(BigInteger)
    actor: Mapped[str] = mapped_column(String(40))
    data: Mapped[str] = mapped_column(Text)  # canonical JSON of ids and codes, no personal values
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class CustodyHead(Tenant, Base):
    """The newest link of a station's chain; its row is what writers of one station wait for."""

    __tablename__ = "custody_heads"

    seq: Mapped[int] = mapped_column(BigInteger, default=0)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class CustodyAnchor(Tenant, Base):
    """A signed statement of what the head was."""

    __tablename__ = "custody_anchors"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))


class RefusedScan(TenantRow, Base):
    """A scan that was not accepted, with its reason."""

    __tablename__ = "refused_scans"
    __table_args__ = tenant_args(Index("ix_refused_scans_station_id_at", "station_id", "at"))

    at: Mapped[datetime] = mapped_column(UtcDateTime)
    scanned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # as the scanning device's clock says
    purpose: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(40))
    raw: Mapped[str | None] = mapped_column(Encrypted)  # empty once it was erased (retention.py)
    actor: Mapped[str] = mapped_column(String(40))
    batch_id: Mapped[int | None] = mapped_column(BigInteger)


class OutboxMessage(TenantRow, Base):
    """A message owed to a person. Its id is the provider's idempotency key."""

    __tablename__ = "outbox_messages"
    __table_args__ = tenant_args(
        tenant_fk("recipient_id", "recipients"),
        CheckConstraint("state in ('open', 'claimed', 'sent', 'dead', 'dropped')", "state"),
        Index("ix_outbox_messages_station_id_created_at", "station_id", "created_at"),
        Index(
            "uq_outbox_messages_open",
            "station_id",
            "recipient_id",
            "topic",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index(
            "ix_outbox_messages_sent",
            "station_id",
            "sent_at",
            sqlite_where=text("state = 'sent'"),
            postgresql_where=text("state = 'sent'"),
        ),
        Index(
            "ix_outbox_messages_dead",
            "station_id",
            "id",
            sqlite_where=text("state = 'dead'"),
            postgresql_where=text("state = 'dead'"),
        ),
        Index(
            "ix_outbox_messages_due",
            "station_id",
            "due_at",
            sqlite_where=text("state in ('open', 'claimed')"),
            postgresql_where=text("state in ('open', 'claimed')"),
        ),
    )

    recipient_id: Mapped[int] = mapped_column(BigInteger)
    topic: Mapped[str] = mapped_column(String(24))
    state: Mapped[str] = mapped_column(String(10), default="open")
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    channel: Mapped[str | None] = mapped_column(String(16))
    body: Mapped[str | None] = mapped_column(Text)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failure: Mapped[str | None] = mapped_column(String(200))
    # What the gateway charges for: how many parts, and the price of a thousand of them when it went out.
    parts: Mapped[int | None] = mapped_column(Integer)
    price_minor: Mapped[int | None] = mapped_column(Integer)
    currency: Mapped[str | None] = mapped_column(String(3))
    # What staff did about one that could not be delivered: sent it again as another message, or called.
    resent_as: Mapped[int | None] = mapped_column(BigInteger)
    called_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    called_by: Mapped[int | None] = mapped_column(BigInteger)


class OutboxParcel(Tenant, Base):
    """A parcel an outbox message tells of."""

    __tablename__ = "outbox_parcels"
    __table_args__ = tenant_args(
        tenant_fk("message_id", "outbox_messages"),
        Index("ix_outbox_parcels_station_id_parcel_id", "station_id", "parcel_id"),
    )

    message_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    parcel_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
