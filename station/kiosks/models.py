"""Tables of what kiosks do: enrolment codes, visits, and which release had which outcome.

A kiosk is a row of devices; `kiosk_id` is its id. What the station sees of its kiosks is in watch_models.py.
"""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from station.core.db import Base, Tenant, TenantRow, UtcDateTime, tenant_args, tenant_fk

WITH_NONCE = text("nonce is not null")


class KioskCode(Base):
    """A one-time code that makes a machine a kiosk of a station (directory table). Kept as a keyed hash."""

    __tablename__ = "kiosk_codes"

    code_hash: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    station_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("stations.id"))
    name: Mapped[str] = mapped_column(String(60))  # of the kiosk to be
    made_by: Mapped[int] = mapped_column(BigInteger)  # an account; 0: the system
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class KioskSession(TenantRow, Base):
    """A visit: who proved at which kiosk, and how, who they are."""

    __tablename__ = "kiosk_sessions"
    __table_args__ = tenant_args(
        tenant_fk("kiosk_id", "devices"),
        tenant_fk("recipient_id", "recipients"),
        tenant_fk("proxy_id", "proxies"),
        tenant_fk("parcel_id", "parcels"),
        Index(
            "uq_kiosk_sessions_nonce",
            "station_id",
            "nonce",
            unique=True,
            sqlite_where=WITH_NONCE,
            postgresql_where=WITH_NONCE,
        ),
        Index("ix_kiosk_sessions_station_id_began_at", "station_id", "began_at"),
        CheckConstraint(
            "way in ('identity_code', 'six_digits', 'pickup_code', 'proxy_code', 'face')",
            "way",
        ),
        CheckConstraint("(way = 'proxy_code') = (proxy_id is not null)", "proxy"),
        CheckConstraint("(way = 'pickup_code') = (parcel_id is not null)", "parcel"),
    )

    kiosk_id: Mapped[int] = mapped_column(BigInteger)
    way: Mapped[str] = mapped_column(String(16))
    recipient_id: Mapped[int] = mapped_column(BigInteger)  # who is there; with a proxy, whom they collect for
    proxy_id: Mapped[int | None] = mapped_column(BigInteger)
    parcel_id: Mapped[int | None] = mapped_column(BigInteger)  # the only one that may be released
    nonce: Mapped[bytes | None] = mapped_column(LargeBinary(5))  # of the identity code that began it
    is_offline: Mapped[bool]
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class KioskRelease(Tenant, Base):
    """What came of a release a kiosk asked for or replayed: its key, the same for both, is settled once."""

    __tablename__ = "kiosk_releases"
    __table_args__ = tenant_args(
        tenant_fk("kiosk_id", "devices"),
        tenant_fk("session_id", "kiosk_sessions"),
        tenant_fk("parcel_id", "parcels"),
        tenant_fk("hand_over_id", "hand_overs"),
        Index("ix_kiosk_releases_station_id_parcel_id", "station_id", "parcel_id"),
        Index("ix_kiosk_releases_station_id_hand_over_id", "station_id", "hand_over_id"),
        CheckConstraint("(hand_over_id is null) = (conflict_id is not null)", "outcome"),
    )

    kiosk_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    session_id: Mapped[int | None] = mapped_column(BigInteger)
    parcel_id: Mapped[int | None] = mapped_column(BigInteger)  # none: the station knows no such parcel
    hand_over_id: Mapped[int | None] = mapped_column(BigInteger)
    # Of kiosk_conflicts, which a later migration makes.
    conflict_id: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UtcDateTime)  # when the parcel left
    noted_at: Mapped[datetime] = mapped_column(UtcDateTime)
