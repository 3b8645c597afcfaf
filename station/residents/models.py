"""Tables of recipients and of the consents they gave."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from station.core.db import Base, Encrypted, Tenant, TenantRow, UtcDateTime, tenant_args, tenant_fk


class Recipient(TenantRow, Base):
    """Who parcels are for: one name at one phone number. Screens group by phone and show each name masked."""

    __tablename__ = "recipients"
    __table_args__ = tenant_args(
        UniqueConstraint("station_id", "phone_hash", "name_hash"),
        Index("ix_recipients_station_id_phone_tail", "station_id", "phone_tail"),
        CheckConstraint("standing_choice in ('station', 'door', 'locker', 'ask')", "standing_choice"),
    )

    phone_hash: Mapped[bytes] = mapped_column(LargeBinary(16))
    phone: Mapped[str] = mapped_column(Encrypted)  # phones.Phone.key: the number, or number,extension
    phone_kind: Mapped[str] = mapped_column(String(16))
    phone_tail: Mapped[str] = mapped_column(String(4))
    name_hash: Mapped[bytes] = mapped_column(LargeBinary(16))
    name: Mapped[str | None] = mapped_column(Encrypted)
    name_masked: Mapped[str] = mapped_column(String(60), default="")
    standing_choice: Mapped[str | None] = mapped_column(String(10))  # the newest of consent_records
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RecipientPrefix(Tenant, Base):
    """A blind index for finding a recipient by the beginning of a name."""

    __tablename__ = "recipient_prefixes"
    __table_args__ = tenant_args(tenant_fk("recipient_id", "recipients"))

    prefix_hash: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    recipient_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class ConsentRecord(TenantRow, Base):
    """Somebody's word on where parcels may be left: appended, never changed."""

    __tablename__ = "consent_records"
    __table_args__ = tenant_args(
        tenant_fk("recipient_id", "recipients"),
        Index("ix_consent_records_station_id_recipient_id", "station_id", "recipient_id"),
        Index("ix_consent_records_station_id_parcel_id", "station_id", "parcel_id"),
    )

    recipient_id: Mapped[int] = mapped_column(BigInteger)
    parcel_id: Mapped[int | None] = mapped_column(BigInteger)  # None: a standing choice
    choice: Mapped[str] = mapped_column(String(10))
    how: Mapped[str] = mapped_column(String(20))  # phone_call, in_person, courier
    recorded_by: Mapped[str] = mapped_column(String(40))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PhoneStation(Base):
    """A station that knows a phone number, so that its owner's page knows whom to ask (directory table).

    Written with the recipient. Privacy numbers are left out: they stand for a parcel, not for a person.
    """

    __tablename__ = "phone_stations"

    phone_hash: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    station_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("stations.id"), primary_key=True, autoincrement=False
    )


class SignInCode(Base):
    """The newest one-time code of a phone number (directory table). The code itself is made from `nonce` and a key."""

    __tablename__ = "sign_in_codes"

    phone_hash: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    nonce: Mapped[bytes] = mapped_column(LargeBinary(16))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(Integer, default=0)
