"""Tables of a station's own words for messages, of its channels, and of what they charge."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from station.core.db import Base, Encrypted, Tenant, TenantRow, UtcDateTime, tenant_args


class MessageTemplate(TenantRow, Base):
    """A station's words for one topic in one language: appended, never changed; the newest counts."""

    __tablename__ = "message_templates"
    __table_args__ = tenant_args(
        Index("ix_message_templates_station_id_topic_language_id", "station_id", "topic", "language", "id")
    )

    topic: Mapped[str] = mapped_column(String(24))
    language: Mapped[str] = mapped_column(String(5))
    body: Mapped[str | None] = mapped_column(String(200))  # empty: back to the product's own words
    made_by: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MessagePrice(Tenant, Base):
    """What a thousand message parts cost through one channel: a part alone costs less than the smallest coin."""

    __tablename__ = "message_prices"
    __table_args__ = tenant_args(CheckConstraint("price_minor >= 0", "price"))

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    price_minor: Mapped[int] = mapped_column(Integer)
    currency: Mapped[str] = mapped_column(String(3))


class StationChannel(Tenant, Base):
    """A way by which a station reaches people. `options`: JSON, with passwords and keys."""

    __tablename__ = "station_channels"
    __table_args__ = tenant_args(CheckConstraint("channel in ('email', 'sms_aliyun', 'webhook')", "channel"))

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    is_enabled: Mapped[bool] = mapped_column(Boolean)
    position: Mapped[int] = mapped_column(Integer)
    options: Mapped[str] = mapped_column(Encrypted)
    version: Mapped[int] = mapped_column(Integer)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
