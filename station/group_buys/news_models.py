"""Tables of what is told and moved between cut-off and end: reminders, later arrival days, and what is left over."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from station.core.db import Base, Tenant, TenantRow, UtcDateTime, tenant_args, tenant_fk


class CampaignReminder(Tenant, Base):
    """Somebody who wants to hear of a campaign before it closes. The row is there until they were told."""

    __tablename__ = "campaign_reminders"
    __table_args__ = tenant_args(
        tenant_fk("campaign_id", "campaigns"), tenant_fk("recipient_id", "recipients")
    )

    campaign_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    recipient_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CampaignDelay(TenantRow, Base):
    """A later day on which goods are expected; the first row's `was_on` is the day that buyers ordered by."""

    __tablename__ = "campaign_delays"
    __table_args__ = tenant_args(
        tenant_fk("campaign_id", "campaigns"),
        Index("ix_campaign_delays_station_id_campaign_id", "station_id", "campaign_id"),
        CheckConstraint("was_on <> now_on", "now_on"),
    )

    campaign_id: Mapped[int] = mapped_column(BigInteger)
    was_on: Mapped[date] = mapped_column(Date)
    now_on: Mapped[date] = mapped_column(Date)
    by: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class CampaignSurplus(Tenant, Base):
    """Good units of a campaign beyond its orders: how many came, and how many are nobody's yet.

    The database keeps `remaining` from falling below nothing, so the last unit left over has one taker.
    """

    __tablename__ = "campaign_surplus"
    __table_args__ = tenant_args(
        tenant_fk("campaign_id", "campaigns"),
        CheckConstraint("units >= 1", "units"),
        CheckConstraint("remaining between 0 and units", "remaining"),
    )

    campaign_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    units: Mapped[int] = mapped_column(Integer)
    remaining: Mapped[int] = mapped_column(Integer)
    unit_price_minor: Mapped[int] = mapped_column(BigInteger)  # what all of the campaign pay
    until: Mapped[datetime] = mapped_column(UtcDateTime)  # nobody is asked later than that


class SurplusUse(TenantRow, Base):
    """What staff did with units left over that nobody on the waiting list took."""

    __tablename__ = "surplus_uses"
    __table_args__ = tenant_args(
        tenant_fk("campaign_id", "campaigns"),
        Index("ix_surplus_uses_station_id_campaign_id", "station_id", "campaign_id"),
        CheckConstraint("units >= 1", "units"),
        CheckConstraint("way in ('returned', 'sold', 'given_away')", "way"),
    )

    campaign_id: Mapped[int] = mapped_column(BigInteger)
    units: Mapped[int] = mapped_column(Integer)
    way: Mapped[str] = mapped_column(String(12))
    by: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
