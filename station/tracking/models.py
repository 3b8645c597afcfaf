"""Tables of what carriers are told: where to, and each telling."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from station.core.db import Base, Encrypted, TenantRow, UtcDateTime, tenant_args, tenant_fk

WAITING = text("state = 'waiting'")
DEAD = text("state = 'dead'")


class Webhook(TenantRow, Base):
    """Where a carrier wants to be told of its parcels.

    `cursor`: the link of the custody log up to which deliveries were made. `round`: raised by every replay.
    """

    __tablename__ = "webhooks"
    __table_args__ = tenant_args()

    carrier: Mapped[str] = mapped_column(String(12), ForeignKey("carriers.code"))
    url: Mapped[str] = mapped_column(String(500))
    secret: Mapped[str] = mapped_column(Encrypted)
    cursor: Mapped[int] = mapped_column(BigInteger)
    round: Mapped[int] = mapped_column(Integer, default=0)
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WebhookDelivery(TenantRow, Base):
    """One event owed to one webhook; its id goes with it, so that the receiver knows it when it comes twice."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = tenant_args(
        tenant_fk("webhook_id", "webhooks"),
        tenant_fk("parcel_id", "parcels"),
        UniqueConstraint("station_id", "webhook_id", "round", "seq"),
        CheckConstraint("state in ('waiting', 'delivered', 'dead')", "state"),
        Index(
            "ix_webhook_deliveries_due",
            "station_id",
            "webhook_id",
            "due_at",
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
        Index(
            "ix_webhook_deliveries_parcel",
            "station_id",
            "webhook_id",
            "parcel_id",
            "seq",
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
        Index(
            "ix_webhook_deliveries_dead",
            "station_id",
            "webhook_id",
            "id",
            sqlite_where=DEAD,
            postgresql_where=DEAD,
        ),
        Index("ix_webhook_deliveries_parcels", "station_id", "parcel_id"),
    )

    webhook_id: Mapped[int] = mapped_column(BigInteger)
    round: Mapped[int] = mapped_column(Integer)
    seq: Mapped[int] = mapped_column(BigInteger)  # of custody_events
    parcel_id: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)  # when the next attempt may begin
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    failure: Mapped[str | None] = mapped_column(String(200))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
