"""Let carriers' systems in by keys of their own, and tell carriers what happened to their parcels.

A wider check, columns that may be empty, and new tables: the release before goes on without them.
"""

import sqlalchemy as sa
from alembic import op
from station.core.db import Encrypted, UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

KINDS = "'api', 'carrier', 'kiosk'"
KINDS_BEFORE = "'api', 'kiosk'"


def upgrade():
    _check_kinds(KINDS)
    op.add_column("devices", sa.Column("previous_hash", sa.LargeBinary(length=16), nullable=True))
    op.add_column("devices", sa.Column("previous_until", UtcDateTime(), nullable=True))
    _create_keys()
    _create_webhooks()
    _create_deliveries()


def _check_kinds(kinds):
    """Let `devices` take these kinds.

    On SQLite by a column beside the old one, which takes its name: a check that comes with its column needs no new
    table, and the tables that refer to devices keep theirs.
    """
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("ck_devices_kind", "devices")
        op.execute(f"ALTER TABLE devices ADD CONSTRAINT ck_devices_kind CHECK (kind in ({kinds}))")
        return
    op.execute(
        "ALTER TABLE devices ADD COLUMN new_kind VARCHAR(8) DEFAULT 'api' NOT NULL"
        f" CONSTRAINT ck_devices_kind CHECK (new_kind in ({kinds}))"
    )
    op.execute("UPDATE devices SET new_kind = kind")
    op.execute("ALTER TABLE devices DROP COLUMN kind")
    op.execute("ALTER TABLE devices RENAME COLUMN new_kind TO kind")


def _create_keys():
    op.create_table(
        "carrier_keys",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("device_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("carrier", sa.String(length=12), nullable=False),
        sa.Column("scopes", sa.String(length=60), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["carrier"], ["carriers.code"], name=op.f("fk_carrier_keys_carrier")),
        _reference("carrier_keys", "device_id", "devices"),
        _station("carrier_keys"),
        sa.PrimaryKeyConstraint("station_id", "device_id", name=op.f("pk_carrier_keys")),
        sqlite_with_rowid=False,
    )


def _create_webhooks():
    op.create_table(
        "webhooks",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("carrier", sa.String(length=12), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("secret", Encrypted(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["carrier"], ["carriers.code"], name=op.f("fk_webhooks_carrier")),
        _station("webhooks"),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_webhooks")),
        sqlite_with_rowid=False,
    )


def _create_deliveries():
    op.create_table(
        "webhook_deliveries",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("webhook_id", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failure", sa.String(length=200), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state in ('waiting', 'delivered', 'dead')", name=op.f("ck_webhook_deliveries_state")
        ),
        _reference("webhook_deliveries", "webhook_id", "webhooks"),
        _reference("webhook_deliveries", "parcel_id", "parcels"),
        _station("webhook_deliveries"),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_webhook_deliveries")),
        sa.UniqueConstraint(
            "station_id",
            "webhook_id",
            "round",
            "seq",
            name=op.f("uq_webhook_deliveries_station_id_webhook_id_round_seq"),
        ),
        sqlite_with_rowid=False,
    )
    waiting, dead = sa.text("state = 'waiting'"), sa.text("state = 'dead'")
    for name, columns, condition in (
        ("due", ["station_id", "webhook_id", "due_at"], waiting),
        ("parcel", ["station_id", "webhook_id", "parcel_id", "seq"], waiting),
        ("dead", ["station_id", "webhook_id", "id"], dead),
    ):
        op.create_index(
            f"ix_webhook_deliveries_{name}",
            "webhook_deliveries",
            columns,
            sqlite_where=condition,
            postgresql_where=condition,
        )
    op.create_index("ix_webhook_deliveries_parcels", "webhook_deliveries", ["station_id", "parcel_id"])


def _station(table):
    return sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f(f"fk_{table}_station_id"))


def _reference(table, column, target):
    return sa.ForeignKeyConstraint(
        ["station_id", column],
        [f"{target}.station_id", f"{target}.id"],
        name=op.f(f"fk_{table}_station_id_{column}"),
    )


def downgrade():
    op.drop_table("webhook_deliveries")
    op.drop_table("webhooks")
    op.drop_table("carrier_keys")
    op.drop_column("devices", "previous_until")
    op.drop_column("devices", "previous_hash")
    # The release before knows no such machines: as what they become, their tokens must open nothing.
    op.execute(
        "UPDATE devices SET revoked_at = coalesce(revoked_at, created_at), kind = 'api' WHERE kind = 'carrier'"
    )
    _check_kinds(KINDS_BEFORE)
