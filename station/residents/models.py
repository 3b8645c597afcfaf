"""Tables of recipients and of the consents they gave."""

from datetime import datetime, time

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    Time,
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
        Index("ix_recipients_station_id_merged_into", "station_id", "merged_into"),
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
    # Since then nothing here tells who it was.
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Whom this entry was merged into (merging.py). No foreign key: SQLite adds none to a table that is there already.
    merged_into: Mapped[int | None] = mapped_column(BigInteger)


class RecipientPrefix(Tenant, Base):
    """A blind index for finding a recipient by the beginning of a name."""

    __tablename__ = "recipient_prefixes"
    __table_args__ = tenant_args(tenant_fk("recipient_id", "recipients"))

    prefix_hash: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    recipient_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class RecipientNote(TenantRow, Base):
    """What the staff wrote down about somebody."""

    __tablename__ = "recipient_notes"
    __table_args__ = tenant_args(
        tenant_fk("recipient_id", "recipients"),
        Index("ix_recipient_notes_station_id_recipient_id", "station_id", "recipient_id"),
    )

    recipient_id: Mapped[int] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(Encrypted)
    written_by: Mapped[str] = mapped_column(String(40))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ConsentRecord(TenantRow, Base):
    """Somebody's word on where parcels may be left: appended, never changed but for the entry it stands with."""

    __tablename__ = "consent_records"
    __table_args__ = tenant_args(
        tenant_fk("recipient_id", "recipients"),
        Index("ix_consent_records_station_id_recipient_id", "station_id", "recipient_id"),
        Index("ix_consent_records_station_id_parcel_id", "station_id", "parcel_id"),
    )

    recipient_id: Mapped[int] = mapped_column(BigInteger)
    parcel_id: Mapped[int | None] = mapped_column(BigInteger)  # None: a standing choice
    choice: Mapped[str] = mapped_column(String(10))
    how: Mapped[str] = mapped_column(String(20))  # phone_call, in_person, courier, own_page, message
    recorded_by: Mapped[str] = mapped_column(String(40))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RecipientPreferences(Tenant, Base):
    """How a recipient wants to be written to; without a row, as the station writes to everybody."""

    __tablename__ = "recipient_preferences"
    __table_args__ = tenant_args(
        tenant_fk("recipient_id", "recipients"),
        CheckConstraint("channel in ('sms', 'email', 'none')", "channel"),
        CheckConstraint("(quiet_from is null) = (quiet_until is null)", "quiet"),
    )

    recipient_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    channel: Mapped[str | None] = mapped_column(String(8))  # the one to try first; None: the station's order
    email: Mapped[str | None] = mapped_column(Encrypted)
    language: Mapped[str | None] = mapped_column(String(5))
    quiet_from: Mapped[time | None] = mapped_column(Time)  # of the station's day
    quiet_until: Mapped[time | None] = mapped_column(Time)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AgreementText(Base):
    """What people were shown when they agreed (reference table), filled from agreement_texts.py and never changed."""

    __tablename__ = "agreement_texts"

    purpose: Mapped[str] = mapped_column(String(10), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    language: Mapped[str] = mapped_column(String(5), primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))


class Agreement(TenantRow, Base):
    """A separate agreement that was given or withdrawn: appended, never changed; the newest of a purpose counts.

    Only erasing a person empties the guardian's name and phone.
    """

    __tablename__ = "agreements"
    __table_args__ = tenant_args(
        tenant_fk("recipient_id", "recipients"),
        ForeignKeyConstraint(
            ["purpose", "text_version", "text_language"],
            ["agreement_texts.purpose", "agreement_texts.version", "agreement_texts.language"],
        ),
        CheckConstraint("word in ('given', 'withdrawn')", "word"),
        CheckConstraint("given_by in ('self', 'guardian')", "given_by"),
        Index("ix_agreements_station_id_recipient_id", "station_id", "recipient_id", "purpose"),
    )

    recipient_id: Mapped[int] = mapped_column(BigInteger)
    purpose: Mapped[str] = mapped_column(String(10))
    word: Mapped[str] = mapped_column(String(10))
    text_version: Mapped[int] = mapped_column(Integer)
    text_language: Mapped[str] = mapped_column(String(5))
    given_by: Mapped[str] = mapped_column(String(10))
    guardian_name: Mapped[str | None] = mapped_column(Encrypted)
    guardian_phone: Mapped[str | None] = mapped_column(Encrypted)
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


class Proxy(TenantRow, Base):
    """Somebody's word that another person may collect: one parcel, or all that waits at their phone for a day.

    The other person is known by a phone number or by a one-time code, of which only a keyed hash is kept.
    """

    __tablename__ = "proxies"
    __table_args__ = tenant_args(
        tenant_fk("recipient_id", "recipients"),
        tenant_fk("parcel_id", "parcels"),
        UniqueConstraint("station_id", "code_hash"),
        Index("ix_proxies_station_id_recipient_id", "station_id", "recipient_id"),
        Index("ix_proxies_station_id_parcel_id", "station_id", "parcel_id"),
        Index("ix_proxies_station_id_phone_hash", "station_id", "phone_hash"),
        Index("ix_proxies_station_id_phone_tail", "station_id", "phone_tail"),
        CheckConstraint("state in ('active', 'used', 'revoked', 'expired')", "state"),
        CheckConstraint("(code_hash is null) = (phone_hash is not null)", "way"),
    )

    recipient_id: Mapped[int] = mapped_column(BigInteger)  # who gave it
    parcel_id: Mapped[int | None] = mapped_column(BigInteger)  # None: all that waits at the giver's phone
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    phone_hash: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    phone_tail: Mapped[str | None] = mapped_column(String(4))
    name: Mapped[str | None] = mapped_column(Encrypted)
    state: Mapped[str] = mapped_column(String(10))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MessageLink(Base):
    """A link in a message: which message it opens the page of (directory table). The token is kept as a keyed hash."""

    __tablename__ = "message_links"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    station_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("stations.id"))
    recipient_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class IdentityKey(Base):
    """A key that signs identity codes, of the whole network; kiosks know its public half (reference table).

    The private half is erased when the key is retired; the public one stays, for the codes still on screens.
    """

    __tablename__ = "identity_keys"
    __table_args__ = (CheckConstraint("id between 1 and 65535", "id"),)  # two bytes of the code name it

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    public: Mapped[bytes] = mapped_column(LargeBinary(32))
    private: Mapped[str | None] = mapped_column(Encrypted)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class UsedIdentityCode(Tenant, Base):
    """An identity code that was used, until it expires: it opens nothing twice, whichever device reads it."""

    __tablename__ = "used_identity_codes"
    __table_args__ = tenant_args()

    nonce: Mapped[bytes] = mapped_column(LargeBinary(5), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DigitSecret(Tenant, Base):
    """What the six digits beside a recipient's identity code are made from, and the last step that was accepted."""

    __tablename__ = "digit_secrets"
    __table_args__ = tenant_args(tenant_fk("recipient_id", "recipients"))

    recipient_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    secret: Mapped[str] = mapped_column(Encrypted)
    last_step: Mapped[int] = mapped_column(Integer, default=0)
