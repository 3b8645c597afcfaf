"""Let kiosks enrol, ask who somebody is, and hand parcels over.

A column with a default and new tables: the release before goes on without them.
"""

import sqlalchemy as sa
from alembic import op
from station.core.db import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade():
    # In words both databases know: a check that comes with its column needs no new table on SQLite.
    op.execute(
        "ALTER TABLE devices ADD COLUMN kind VARCHAR(8) DEFAULT 'api' NOT NULL"
        " CONSTRAINT ck_devices_kind CHECK (kind in ('api', 'kiosk'))"
    )
    op.create_table(
        "kiosk_codes",
        sa.Column("code_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("station_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_kiosk_codes_station_id")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_kiosk_codes")),
    )
    op.create_index(op.f("ix_kiosk_codes_expires_at"), "kiosk_codes", ["expires_at"])
    _create_sessions()
    _create_releases()


def _create_sessions():
    op.create_table(
        "kiosk_sessions",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kiosk_id", sa.BigInteger(), nullable=False),
        sa.Column("way", sa.String(length=16), nullable=False),
        sa.Column("recipient_id", sa.BigInteger(), nullable=False),
        sa.Column("proxy_id", sa.BigInteger(), nullable=True),
        sa.Column("parcel_id", sa.BigInteger(), nullable=True),
        sa.Column("nonce", sa.LargeBinary(length=5), nullable=True),
        sa.Column("is_offline", sa.Boolean(), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "way in ('identity_code', 'six_digits', 'pickup_code', 'proxy_code', 'face')",
            name=op.f("ck_kiosk_sessions_way"),
        ),
        sa.CheckConstraint(
            "(way = 'proxy_code') = (proxy_id is not null)", name=op.f("ck_kiosk_sessions_proxy")
        ),
        sa.CheckConstraint(
            "(way = 'pickup_code') = (parcel_id is not null)", name=op.f("ck_kiosk_sessions_parcel")
        ),
        _reference("kiosk_sessions", "kiosk_id", "devices"),
        _reference("kiosk_sessions", "recipient_id", "recipients"),
        _reference("kiosk_sessions", "proxy_id", "proxies"),
        _reference("kiosk_sessions", "parcel_id", "parcels"),
        _station("kiosk_sessions"),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_kiosk_sessions")),
        sqlite_with_rowid=False,
    )
    with_nonce = sa.text("nonce is not null")
    op.create_index(
        "uq_kiosk_sessions_nonce",
        "kiosk_sessions",
        ["station_id", "nonce"],
        unique=True,
        sqlite_where=with_nonce,
        postgresql_where=with_nonce,
    )
    op.create_index("ix_kiosk_sessions_station_id_began_at", "kiosk_sessions", ["station_id", "began_at"])


def _create_releases():
    op.create_table(
        "kiosk_releases",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kiosk_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=True),
        sa.Column("parcel_id", sa.BigInteger(), nullable=True),
        sa.Column("hand_over_id", sa.BigInteger(), nullable=True),
        sa.Column("conflict_id", sa.BigInteger(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("noted_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(hand_over_id is null) = (conflict_id is not null)", name=op.f("ck_kiosk_releases_outcome")
        ),
        _reference("kiosk_releases", "kiosk_id", "devices"),
        _reference("kiosk_releases", "session_id", "kiosk_sessions"),
        _reference("kiosk_releases", "parcel_id", "parcels"),
        _reference("kiosk_releases", "hand_over_id", "hand_overs"),
        _station("kiosk_releases"),
        sa.PrimaryKeyConstraint("station_id", "kiosk_id", "key", name=op.f("pk_kiosk_releases")),
        sqlite_with_rowid=False,
    )
    for column in ("parcel_id", "hand_over_id"):
        op.create_index(f"ix_kiosk_releases_station_id_{column}", "kiosk_releases", ["station_id", column])


def _station(table):
    return sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f(f"fk_{table}_station_id"))


def _reference(table, column, target):
    return sa.ForeignKeyConstraint(
        ["station_id", column],
        [f"{target}.station_id", f"{target}.id"],
        name=op.f(f"fk_{table}_station_id_{column}"),
    )


def downgrade():
    # A token of a kiosk would open more than before.
    op.execute("UPDATE devices SET revoked_at = created_at WHERE kind = 'kiosk' AND revoked_at IS NULL")
    op.drop_table("kiosk_releases")
    op.drop_table("kiosk_sessions")
    op.drop_table("kiosk_codes")
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("ck_devices_kind", "devices")
    op.drop_column("devices", "kind")
