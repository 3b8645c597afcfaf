"""Tables of a station's own words for messages, and of what its channels charge."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from station.core.db import Base, Tenant, TenantRow, UtcDateTime, tenant_args


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
