"""Keep what carriers announce: manifests, refused rows, and what never came."""

import sqlalchemy as sa
from alembic import op
from station.core.db import Encrypted, UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade():
    _create_manifests()
    _create_announcements()
    _create_faults()
    _create_reports()


def _create_manifests():
    op.create_table(
        "manifests",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(length=4), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("carrier", sa.String(length=12), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=True),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=True),
        sa.Column("layout", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("announced", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.String(length=40), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("source in ('file', 'api')", name=op.f("ck_manifests_source")),
        sa.CheckConstraint(
            "state in ('draft', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_manifests_state")
        ),
        sa.CheckConstraint(
            "(state in ('draft', 'running')) = (ended_at is null)", name=op.f("ck_manifests_ended")
        ),
        sa.ForeignKeyConstraint(["carrier"], ["carriers.code"], name=op.f("fk_manifests_carrier")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_manifests_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_manifests")),
        sqlite_with_rowid=False,
    )
    counted, opened = sa.text("state in ('running', 'done')"), sa.text("state in ('draft', 'running')")
    op.create_index(
        "uq_manifests_fingerprint",
        "manifests",
        ["station_id", "fingerprint"],
        unique=True,
        sqlite_where=counted,
        postgresql_where=counted,
    )
    op.create_index(
        "ix_manifests_open",
        "manifests",
        ["station_id", "state"],
        sqlite_where=opened,
        postgresql_where=opened,
    )


def _create_announcements():
    op.create_table(
        "announcements",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("manifest_id", sa.BigInteger(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=False),
        sa.Column("masked_phone", Encrypted(), nullable=True),
        sa.Column("name", Encrypted(), nullable=True),
        sa.Column("missed_on", sa.Date(), nullable=True),
        _within_station("announcements", "parcel_id", "parcels"),
        _within_station("announcements", "manifest_id", "manifests"),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_announcements_station_id")),
        sa.PrimaryKeyConstraint("station_id", "parcel_id", name=op.f("pk_announcements")),
        sqlite_with_rowid=False,
    )
    for column in ("manifest_id", "missed_on"):
        op.create_index(f"ix_announcements_station_id_{column}", "announcements", ["station_id", column])


def _create_faults():
    op.create_table(
        "manifest_faults",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("manifest_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("column", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("value", Encrypted(), nullable=True),
        _within_station("manifest_faults", "manifest_id", "manifests"),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_manifest_faults_station_id")),
        sa.PrimaryKeyConstraint("station_id", "manifest_id", "row", name=op.f("pk_manifest_faults")),
        sqlite_with_rowid=False,
    )


def _create_reports():
    op.create_table(
        "missed_reports",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("carrier", sa.String(length=12), nullable=False),
        sa.Column("announced", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["carrier"], ["carriers.code"], name=op.f("fk_missed_reports_carrier")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_missed_reports_station_id")),
        sa.PrimaryKeyConstraint("station_id", "day", "carrier", name=op.f("pk_missed_reports")),
        sqlite_with_rowid=False,
    )


def _within_station(table, column, target):
    return sa.ForeignKeyConstraint(
        ["station_id", column],
        [f"{target}.station_id", f"{target}.id"],
        name=op.f(f"fk_{table}_station_id_{column}"),
    )


def downgrade():
    op.drop_table("missed_reports")
    op.drop_table("manifest_faults")
    op.drop_table("announcements")
    op.drop_table("manifests")
