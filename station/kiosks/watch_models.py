"""Tables of what the station sees of its kiosks: rules, state, alerts, pictures, enrolled faces, unsettled hand-overs.

A kiosk is a row of devices; `kiosk_id` is its id. What a kiosk does (codes, visits, releases) is in models.py.
"""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from station.core.db import Base, Encrypted, Tenant, TenantRow, UtcDateTime, tenant_args, tenant_fk

OPEN = text("ended_at is null")
ENROLLED = text("gone_at is null")
UNSETTLED = text("settled_at is null")


class KioskRulesRow(Tenant, Base):
    """What a station lets its kiosks do; a station without a row has the defaults of rules.py."""

    __tablename__ = "kiosk_rules"
    __table_args__ = tenant_args()

    takes_pickup_codes: Mapped[bool]
    takes_faces: Mapped[bool]
    face_always_asks_tail: Mapped[bool]
    takes_photos: Mapped[bool]
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class KioskReport(Tenant, Base):
    """What a kiosk said of itself last; one row each."""

    __tablename__ = "kiosk_reports"
    __table_args__ = tenant_args(
        tenant_fk("kiosk_id", "devices"),
        CheckConstraint("camera in ('ok', 'missing', 'dark', 'blurred')", "camera"),
    )

    kiosk_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    reported_at: Mapped[datetime] = mapped_column(UtcDateTime)  # by our clock
    version: Mapped[str] = mapped_column(String(40))
    queue_length: Mapped[int] = mapped_column(Integer)
    clock_drift_ms: Mapped[int] = mapped_column(Integer)
    list_age_s: Mapped[int | None] = mapped_column(Integer)  # none: the kiosk has no list yet
    camera: Mapped[str] = mapped_column(String(10))
    faces: Mapped[int] = mapped_column(Integer)
    is_demo: Mapped[bool]


class KioskAlert(TenantRow, Base):
    """Something at a kiosk that somebody on the staff should see to; open until it is dismissed or over.

    A kiosk has at most one open alert of a kind: another one raises `times` and tells the newest facts.
    """

    __tablename__ = "kiosk_alerts"
    __table_args__ = tenant_args(
        tenant_fk("kiosk_id", "devices"),
        tenant_fk("parcel_id", "parcels"),
        CheckConstraint(
            "kind in ('staff_called', 'wrong_parcel', 'not_found', 'fault', 'recover', 'conflict', 'silent')",
            "kind",
        ),
        Index(
            "uq_kiosk_alerts_open",
            "station_id",
            "kiosk_id",
            "kind",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        Index("ix_kiosk_alerts_station_id_parcel_id", "station_id", "parcel_id"),
        Index("ix_kiosk_alerts_station_id_raised_at", "station_id", "raised_at"),
    )

    kiosk_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(16))
    times: Mapped[int] = mapped_column(Integer)
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)  # the newest time, by our clock
    parcel_id: Mapped[int | None] = mapped_column(BigInteger)
    part: Mapped[str | None] = mapped_column(String(20))  # of the machine that has a fault
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(40))


class KioskPhoto(Tenant, Base):
    """Which attachment is the photo of a hand-over; the key keeps it at one each."""

    __tablename__ = "kiosk_photos"
    __table_args__ = tenant_args(
        tenant_fk("hand_over_id", "hand_overs"),
        tenant_fk("attachment_id", "attachments"),
        Index("ix_kiosk_photos_station_id_attachment_id", "station_id", "attachment_id"),
    )

    hand_over_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    attachment_id: Mapped[int] = mapped_column(BigInteger)
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)  # by the kiosk's clock


class KioskThumbnail(Tenant, Base):
    """A picture of its camera that a manager asked a kiosk for; shown once, then gone."""

    __tablename__ = "kiosk_thumbnails"
    __table_args__ = tenant_args(tenant_fk("kiosk_id", "devices"))

    kiosk_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    asked_by: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)  # encrypted JPEG


class FaceEnrolment(TenantRow, Base):
    """That somebody's face is enrolled at a kiosk, since when and until when; the template never leaves the kiosk."""

    __tablename__ = "face_enrolments"
    __table_args__ = tenant_args(
        tenant_fk("kiosk_id", "devices"),
        tenant_fk("recipient_id", "recipients"),
        Index(
            "uq_face_enrolments_enrolled",
            "station_id",
            "kiosk_id",
            "recipient_id",
            unique=True,
            sqlite_where=ENROLLED,
            postgresql_where=ENROLLED,
        ),
        Index("ix_face_enrolments_station_id_recipient_id", "station_id", "recipient_id"),
        CheckConstraint("(gone_at is null) = (gone_reason is null)", "gone"),
    )

    kiosk_id: Mapped[int] = mapped_column(BigInteger)
    recipient_id: Mapped[int] = mapped_column(BigInteger)
    text_version: Mapped[int] = mapped_column(Integer)  # of the agreement that was read
    enrolled_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)  # moved on by each use
    gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when the kiosk deleted the template
    gone_reason: Mapped[str | None] = mapped_column(String(10))


class KioskConflict(TenantRow, Base):
    """A hand-over that a kiosk made offline and the books refuse; a manager finds out and writes down what was so."""

    __tablename__ = "kiosk_conflicts"
    __table_args__ = tenant_args(
        tenant_fk("kiosk_id", "devices"),
        tenant_fk("parcel_id", "parcels"),
        tenant_fk("recipient_id", "recipients"),
        tenant_fk("hand_over_id", "hand_overs"),
        Index("ix_kiosk_conflicts_station_id_parcel_id", "station_id", "parcel_id"),
        Index("ix_kiosk_conflicts_station_id_recipient_id", "station_id", "recipient_id"),
        Index("ix_kiosk_conflicts_station_id_hand_over_id", "station_id", "hand_over_id"),
        Index(
            "ix_kiosk_conflicts_unsettled",
            "station_id",
            "made_at",
            sqlite_where=UNSETTLED,
            postgresql_where=UNSETTLED,
        ),
        CheckConstraint("(settled_at is null) = (settled_by is null)", "settled"),
    )

    kiosk_id: Mapped[int] = mapped_column(BigInteger)
    parcel_id: Mapped[int | None] = mapped_column(BigInteger)  # none: the station knows no such parcel
    waybill: Mapped[str] = mapped_column(String(64))  # as the kiosk read it
    way: Mapped[str] = mapped_column(String(20))
    recipient_id: Mapped[int | None] = mapped_column(BigInteger)  # who the kiosk says was there
    reason: Mapped[str] = mapped_column(String(40))  # the error code of the refusal
    hand_over_id: Mapped[int | None] = mapped_column(BigInteger)  # the hand-over that stands, if there is one
    handed_over_at: Mapped[datetime] = mapped_column(UtcDateTime)  # by the kiosk
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by: Mapped[str | None] = mapped_column(String(40))
    note: Mapped[str | None] = mapped_column(Encrypted)


class KioskUnfinished(Tenant, Base):
    """A hand-over whose kiosk restarted before the door opened: nobody but staff can tell whether the parcel left."""

    __tablename__ = "kiosk_unfinished"
    __table_args__ = tenant_args(
        tenant_fk("hand_over_id", "hand_overs"),
        tenant_fk("kiosk_id", "devices"),
        tenant_fk("parcel_id", "parcels"),
        Index("ix_kiosk_unfinished_station_id_parcel_id", "station_id", "parcel_id"),
        Index("ix_kiosk_unfinished_station_id_kiosk_id", "station_id", "kiosk_id"),
        CheckConstraint("(settled_at is null) = (has_left is null)", "settled"),
    )

    hand_over_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kiosk_id: Mapped[int] = mapped_column(BigInteger)
    parcel_id: Mapped[int] = mapped_column(BigInteger)
    reported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    has_left: Mapped[bool | None]
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by: Mapped[str | None] = mapped_column(String(40))
