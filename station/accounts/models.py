"""Tables of accounts, who they are where, and devices."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from station.core.db import Base, Encrypted, TenantRow, UtcDateTime, tenant_args


class Account(Base):
    """A sign-in of the whole network: staff now, residents and couriers by the same shape (directory table)."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    login: Mapped[str | None] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(Encrypted)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str | None] = mapped_column(String(5))
    theme: Mapped[str] = mapped_column(String(10), default="light")
    contrast: Mapped[str] = mapped_column(String(10), default="normal")
    epoch: Mapped[int] = mapped_column(Integer, default=1)  # raised to sign the account out everywhere
    must_change_password: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    signed_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AccountDirectory(Base):
    """Which account a phone number belongs to (directory table)."""

    __tablename__ = "account_directory"

    phone_hash: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("accounts.id"), index=True)


class Membership(Base):
    """What an account is at a station; without a station, in the whole network (directory table)."""

    __tablename__ = "memberships"
    __table_args__ = (
        Index("uq_memberships_account_id_station_id_role", "account_id", "station_id", "role", unique=True),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("accounts.id"))
    station_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("stations.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Device(TenantRow, Base):
    """A machine that speaks to the API by a token: a PDA, a scanner gate, a carrier's system, a kiosk."""

    __tablename__ = "devices"
    __table_args__ = tenant_args(CheckConstraint("kind in ('api', 'carrier', 'kiosk')", "kind"))

    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(8), default="api", server_default="api")
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(16))
    # The token before, which works beside the new one until then.
    previous_hash: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    previous_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_by: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
