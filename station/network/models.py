"""Tables of cities, stations and a station's own settings."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Date, ForeignKey, Index, Integer, String, true
from sqlalchemy.orm import Mapped, mapped_column

from station.core.db import Base, Tenant, TenantRow, UtcDateTime, tenant_args


class City(Base):
    """A city of the network (reference table)."""

    __tablename__ = "cities"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(60), unique=True)


class Station(Base):
    """A pickup station (reference table)."""

    __tablename__ = "stations"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    city_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("cities.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    zone: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StationSettings(Tenant, Base):
    """The rules of one station; one row each."""

    __tablename__ = "station_settings"
    __table_args__ = tenant_args(
        CheckConstraint(
            "remind_h <= overdue_h and overdue_h <= alert_h and alert_h <= return_h", "storage_order"
        ),
        CheckConstraint("numbering in ('waybill', 'counter')", "numbering"),
        CheckConstraint("unknown_consent in ('store_and_ask', 'set_aside')", "unknown_consent"),
    )

    remind_h: Mapped[int] = mapped_column(Integer, default=24)
    overdue_h: Mapped[int] = mapped_column(Integer, default=48)
    alert_h: Mapped[int] = mapped_column(Integer, default=72)
    return_h: Mapped[int] = mapped_column(Integer, default=168)
    extension_h: Mapped[int] = mapped_column(Integer, default=24, server_default="24")
    extensions_most: Mapped[int] = mapped_column(Integer, default=1, server_default="1")  # 0: not allowed
    unclaimed_days: Mapped[int] = mapped_column(Integer, default=184, server_default="184")
    numbering: Mapped[str] = mapped_column(String(10), default="waybill")
    cool_normal_h: Mapped[int] = mapped_column(Integer, default=168)
    cool_tight_h: Mapped[int] = mapped_column(Integer, default=72)
    cool_floor_h: Mapped[int] = mapped_column(Integer, default=24)
    unknown_consent: Mapped[str] = mapped_column(String(16), default="store_and_ask")
    notice_delay_s: Mapped[int] = mapped_column(Integer, default=120)
    quiet_from: Mapped[str] = mapped_column(String(5), default="21:00", server_default="21:00")
    quiet_until: Mapped[str] = mapped_column(String(5), default="08:00", server_default="08:00")
    language: Mapped[str] = mapped_column(String(5), default="zh")
    weekly_hours: Mapped[Any] = mapped_column(JSON)  # seven lists, Monday first, of ["09:00", "21:00"] spans
    holiday_calendar: Mapped[str] = mapped_column(String(10), default="none", server_default="none")
    closes_on_holidays: Mapped[bool] = mapped_column(default=True, server_default=true())
    opens_made_up_days: Mapped[bool] = mapped_column(default=True, server_default=true())
    version: Mapped[int] = mapped_column(Integer, default=1)


class SpecialDay(TenantRow, Base):
    """Days on which the weekly hours do not hold: a holiday, a declared closure, or an extra opening."""

    __tablename__ = "special_days"
    __table_args__ = tenant_args(
        CheckConstraint("kind in ('holiday', 'closure', 'open')", "kind"),
        CheckConstraint("first_day <= last_day", "order"),
        Index("ix_special_days_station_id_first_day", "station_id", "first_day"),
    )

    kind: Mapped[str] = mapped_column(String(10))
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(120))
    opens: Mapped[str | None] = mapped_column(String(5))
    closes: Mapped[str | None] = mapped_column(String(5))
    declared_by: Mapped[int] = mapped_column(BigInteger)
    declared_at: Mapped[datetime] = mapped_column(UtcDateTime)
