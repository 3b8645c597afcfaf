"""Tables of couriers: who they are, for which carriers they come to a station, how they get in, and their phones.

The account itself is the accounts room's; a courier of a station has a membership there. What was asked for or offered
is deleted once it is decided, used or over: the custody log tells of it by ids.
"""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from station.core.db import Base, Encrypted, Tenant, TenantRow, UtcDateTime, tenant_args


class Courier(Base):
    """A courier's account by phone number, with which they sign in (directory table).

    Apart from `account_directory`, where a resident has proved the number: a courier's is known by the manager's word.
    """

    __tablename__ = "couriers"

    account_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("accounts.id"), primary_key=True, autoincrement=False
    )
    phone_hash: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
    phone: Mapped[str] = mapped_column(Encrypted)  # phones.Phone.key


class CourierCarrier(Tenant, Base):
    """A carrier for which a courier comes to a station."""

    __tablename__ = "courier_carriers"

    account_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    carrier: Mapped[str] = mapped_column(String(12), ForeignKey("carriers.code"), primary_key=True)


class CourierInvitation(Base):
    """A one-time code with which a courier chooses a password (directory table). Kept as a keyed hash."""

    __tablename__ = "courier_invitations"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
    station_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("stations.id"), index=True)
    phone_hash: Mapped[bytes] = mapped_column(LargeBinary(16))
    phone: Mapped[str] = mapped_column(Encrypted)
    name: Mapped[str] = mapped_column(Encrypted)
    carriers: Mapped[str] = mapped_column(String(200))  # codes with commas between
    made_by: Mapped[int] = mapped_column(BigInteger)  # an account
    by_network: Mapped[bool]  # whether the network's own administrator made it
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class CourierApplication(TenantRow, Base):
    """Somebody who wants to be a courier of a station and waits for the manager's word."""

    __tablename__ = "courier_applications"
    __table_args__ = tenant_args(UniqueConstraint("station_id", "phone_hash"))

    phone_hash: Mapped[bytes] = mapped_column(LargeBinary(16))
    phone: Mapped[str] = mapped_column(Encrypted)
    name: Mapped[str] = mapped_column(Encrypted)
    password_hash: Mapped[str] = mapped_column(String(200))
    carriers: Mapped[str] = mapped_column(String(200))
    number: Mapped[str] = mapped_column(String(4))  # said to the manager: who stands there is who asked
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CourierPhone(Base):
    """A phone or PDA on which a courier is signed in, until when (directory table). A session names its row."""

    __tablename__ = "courier_phones"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("accounts.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    is_trusted: Mapped[bool]
    signed_in_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
