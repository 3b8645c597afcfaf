"""Keep what kiosks report: state, alerts, pictures, and whose face is enrolled where."""

import sqlalchemy as sa
from alembic import op
from station.core.db import Encrypted, UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade():
    _create_kiosk_rules()
    _create_kiosk_reports()
    _create_kiosk_alerts()
    _create_kiosk_photos()
    _create_kiosk_thumbnails()
    _create_face_enrolments()
    _create_kiosk_conflicts()
    _create_kiosk_unfinished()


def _create_kiosk_rules():
    op.create_table(
        "kiosk_rules",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("takes_pickup_codes", sa.Boolean(), nullable=False),
        sa.Column("takes_faces", sa.Boolean(), nullable=False),
        sa.Column("face_always_asks_tail", sa.Boolean(), nullable=False),
        sa.Column("takes_photos", sa.Boolean(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_kiosk_rules_station_id")),
        sa.PrimaryKeyConstraint("station_id", name=op.f("pk_kiosk_rules")),
        sqlite_with_rowid=False,
    )


def _create_kiosk_reports():
    op.create_table(
        "kiosk_reports",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kiosk_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reported_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("queue_length", sa.Integer(), nullable=False),
        sa.Column("clock_drift_ms", sa.Integer(), nullable=False),
        sa.Column("list_age_s", sa.Integer(), nullable=True),
        sa.Column("camera", sa.String(length=10), nullable=False),
        sa.Column("faces", sa.Integer(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "camera in ('ok', 'missing', 'dark', 'blurred')", name=op.f("ck_kiosk_reports_camera")
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "kiosk_id"],
            ["devices.station_id", "devices.id"],
            name=op.f("fk_kiosk_reports_station_id_kiosk_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_kiosk_reports_station_id")),
        sa.PrimaryKeyConstraint("station_id", "kiosk_id", name=op.f("pk_kiosk_reports")),
        sqlite_with_rowid=False,
    )


def _create_kiosk_alerts():
    op.create_table(
        "kiosk_alerts",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kiosk_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("raised_at", UtcDateTime(), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=True),
        sa.Column("part", sa.String(length=20), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "kind in ('staff_called', 'wrong_parcel', 'not_found', 'fault', 'recover', 'conflict', 'silent')",
            name=op.f("ck_kiosk_alerts_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "kiosk_id"],
            ["devices.station_id", "devices.id"],
            name=op.f("fk_kiosk_alerts_station_id_kiosk_id"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "parcel_id"],
            ["parcels.station_id", "parcels.id"],
            name=op.f("fk_kiosk_alerts_station_id_parcel_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_kiosk_alerts_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_kiosk_alerts")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_kiosk_alerts_station_id_parcel_id", "kiosk_alerts", ["station_id", "parcel_id"], unique=False
    )
    op.create_index(
        "ix_kiosk_alerts_station_id_raised_at", "kiosk_alerts", ["station_id", "raised_at"], unique=False
    )
    op.create_index(
        "uq_kiosk_alerts_open",
        "kiosk_alerts",
        ["station_id", "kiosk_id", "kind"],
        unique=True,
        sqlite_where=sa.text("ended_at is null"),
        postgresql_where=sa.text("ended_at is null"),
    )


def _create_kiosk_photos():
    op.create_table(
        "kiosk_photos",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hand_over_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("attachment_id", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id", "attachment_id"],
            ["attachments.station_id", "attachments.id"],
            name=op.f("fk_kiosk_photos_station_id_attachment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "hand_over_id"],
            ["hand_overs.station_id", "hand_overs.id"],
            name=op.f("fk_kiosk_photos_station_id_hand_over_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_kiosk_photos_station_id")),
        sa.PrimaryKeyConstraint("station_id", "hand_over_id", name=op.f("pk_kiosk_photos")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_kiosk_photos_station_id_attachment_id",
        "kiosk_photos",
        ["station_id", "attachment_id"],
        unique=False,
    )


def _create_kiosk_thumbnails():
    op.create_table(
        "kiosk_thumbnails",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kiosk_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["station_id", "kiosk_id"],
            ["devices.station_id", "devices.id"],
            name=op.f("fk_kiosk_thumbnails_station_id_kiosk_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_kiosk_thumbnails_station_id")),
        sa.PrimaryKeyConstraint("station_id", "kiosk_id", name=op.f("pk_kiosk_thumbnails")),
        sqlite_with_rowid=False,
    )


def _create_face_enrolments():
    op.create_table(
        "face_enrolments",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kiosk_id", sa.BigInteger(), nullable=False),
        sa.Column("recipient_id", sa.BigInteger(), nullable=False),
        sa.Column("text_version", sa.Integer(), nullable=False),
        sa.Column("enrolled_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("gone_at", UtcDateTime(), nullable=True),
        sa.Column("gone_reason", sa.String(length=10), nullable=True),
        sa.CheckConstraint("(gone_at is null) = (gone_reason is null)", name=op.f("ck_face_enrolments_gone")),
        sa.ForeignKeyConstraint(
            ["station_id", "kiosk_id"],
            ["devices.station_id", "devices.id"],
            name=op.f("fk_face_enrolments_station_id_kiosk_id"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "recipient_id"],
            ["recipients.station_id", "recipients.id"],
            name=op.f("fk_face_enrolments_station_id_recipient_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_face_enrolments_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_face_enrolments")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_face_enrolments_station_id_recipient_id",
        "face_enrolments",
        ["station_id", "recipient_id"],
        unique=False,
    )
    op.create_index(
        "uq_face_enrolments_enrolled",
        "face_enrolments",
        ["station_id", "kiosk_id", "recipient_id"],
        unique=True,
        sqlite_where=sa.text("gone_at is null"),
        postgresql_where=sa.text("gone_at is null"),
    )


def _create_kiosk_conflicts():
    op.create_table(
        "kiosk_conflicts",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kiosk_id", sa.BigInteger(), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=True),
        sa.Column("waybill", sa.String(length=64), nullable=False),
        sa.Column("way", sa.String(length=20), nullable=False),
        sa.Column("recipient_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("hand_over_id", sa.BigInteger(), nullable=True),
        sa.Column("handed_over_at", UtcDateTime(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("settled_by", sa.String(length=40), nullable=True),
        sa.Column("note", Encrypted(), nullable=True),
        sa.CheckConstraint(
            "(settled_at is null) = (settled_by is null)", name=op.f("ck_kiosk_conflicts_settled")
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "hand_over_id"],
            ["hand_overs.station_id", "hand_overs.id"],
            name=op.f("fk_kiosk_conflicts_station_id_hand_over_id"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "kiosk_id"],
            ["devices.station_id", "devices.id"],
            name=op.f("fk_kiosk_conflicts_station_id_kiosk_id"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "parcel_id"],
            ["parcels.station_id", "parcels.id"],
            name=op.f("fk_kiosk_conflicts_station_id_parcel_id"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "recipient_id"],
            ["recipients.station_id", "recipients.id"],
            name=op.f("fk_kiosk_conflicts_station_id_recipient_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_kiosk_conflicts_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_kiosk_conflicts")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_kiosk_conflicts_station_id_hand_over_id",
        "kiosk_conflicts",
        ["station_id", "hand_over_id"],
        unique=False,
    )
    op.create_index(
        "ix_kiosk_conflicts_station_id_parcel_id",
        "kiosk_conflicts",
        ["station_id", "parcel_id"],
        unique=False,
    )
    op.create_index(
        "ix_kiosk_conflicts_station_id_recipient_id",
        "kiosk_conflicts",
        ["station_id", "recipient_id"],
        unique=False,
    )
    op.create_index(
        "ix_kiosk_conflicts_unsettled",
        "kiosk_conflicts",
        ["station_id", "made_at"],
        unique=False,
        sqlite_where=sa.text("settled_at is null"),
        postgresql_where=sa.text("settled_at is null"),
    )


def _create_kiosk_unfinished():
    op.create_table(
        "kiosk_unfinished",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hand_over_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kiosk_id", sa.BigInteger(), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=False),
        sa.Column("reported_at", UtcDateTime(), nullable=False),
        sa.Column("has_left", sa.Boolean(), nullable=True),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("settled_by", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "(settled_at is null) = (has_left is null)", name=op.f("ck_kiosk_unfinished_settled")
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "hand_over_id"],
            ["hand_overs.station_id", "hand_overs.id"],
            name=op.f("fk_kiosk_unfinished_station_id_hand_over_id"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "kiosk_id"],
            ["devices.station_id", "devices.id"],
            name=op.f("fk_kiosk_unfinished_station_id_kiosk_id"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "parcel_id"],
            ["parcels.station_id", "parcels.id"],
            name=op.f("fk_kiosk_unfinished_station_id_parcel_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_kiosk_unfinished_station_id")),
        sa.PrimaryKeyConstraint("station_id", "hand_over_id", name=op.f("pk_kiosk_unfinished")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_kiosk_unfinished_station_id_kiosk_id",
        "kiosk_unfinished",
        ["station_id", "kiosk_id"],
        unique=False,
    )
    op.create_index(
        "ix_kiosk_unfinished_station_id_parcel_id",
        "kiosk_unfinished",
        ["station_id", "parcel_id"],
        unique=False,
    )


def downgrade():
    op.drop_table("kiosk_unfinished")
    op.drop_table("kiosk_conflicts")
    op.drop_table("face_enrolments")
    op.drop_table("kiosk_thumbnails")
    op.drop_table("kiosk_photos")
    op.drop_table("kiosk_alerts")
    op.drop_table("kiosk_reports")
    op.drop_table("kiosk_rules")
