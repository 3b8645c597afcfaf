"""Keep stocktakes: the walks, what was scanned on them, and what differed from the books.

Only new tables: the release before goes on without them.
"""

import sqlalchemy as sa
from alembic import op
from station.core.db import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "stocktakes",
        *_key(),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("opened_by", sa.String(length=40), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(length=40), nullable=True),
        sa.CheckConstraint("state in ('open', 'closed', 'abandoned')", name=op.f("ck_stocktakes_state")),
        sa.CheckConstraint("(state = 'open') = (ended_at is null)", name=op.f("ck_stocktakes_ended")),
        *_constraints("stocktakes"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "uq_stocktakes_open",
        "stocktakes",
        ["station_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    _create_scans()
    _create_findings()


def _create_scans():
    op.create_table(
        "stocktake_scans",
        *_key(),
        sa.Column("stocktake_id", sa.BigInteger(), nullable=False),
        sa.Column("layer_id", sa.BigInteger(), nullable=True),
        sa.Column("waybill", sa.String(length=32), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "layer_id is not null or waybill is not null", name=op.f("ck_stocktake_scans_says_something")
        ),
        _reference("stocktake_scans", "stocktake_id", "stocktakes"),
        _reference("stocktake_scans", "layer_id", "layers"),
        *_constraints("stocktake_scans"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_stocktake_scans_station_id_stocktake_id_waybill",
        "stocktake_scans",
        ["station_id", "stocktake_id", "waybill"],
    )
    op.create_index("ix_stocktake_scans_station_id_waybill", "stocktake_scans", ["station_id", "waybill"])


def _create_findings():
    op.create_table(
        "stocktake_findings",
        *_key(),
        sa.Column("stocktake_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("waybill", sa.String(length=32), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=True),
        sa.Column("pickup_code", sa.String(length=24), nullable=True),
        sa.Column("layer_id", sa.BigInteger(), nullable=True),
        sa.Column("seen_layer_id", sa.BigInteger(), nullable=True),
        sa.Column("resolution", sa.String(length=12), nullable=True),
        sa.Column("resolved_at", UtcDateTime(), nullable=True),
        sa.Column("resolved_by", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "kind in ('missing', 'misplaced', 'extra')", name=op.f("ck_stocktake_findings_kind")
        ),
        _reference("stocktake_findings", "stocktake_id", "stocktakes"),
        _reference("stocktake_findings", "parcel_id", "parcels"),
        _reference("stocktake_findings", "layer_id", "layers"),
        _reference("stocktake_findings", "seen_layer_id", "layers"),
        sa.UniqueConstraint(
            "station_id",
            "stocktake_id",
            "kind",
            "waybill",
            name=op.f("uq_stocktake_findings_station_id_stocktake_id_kind_waybill"),
        ),
        *_constraints("stocktake_findings"),
        sqlite_with_rowid=False,
    )


def _key():
    return (
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
    )


def _constraints(table):
    return (
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f(f"fk_{table}_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f(f"pk_{table}")),
    )


def _reference(table, column, target):
    return sa.ForeignKeyConstraint(
        ["station_id", column],
        [f"{target}.station_id", f"{target}.id"],
        name=op.f(f"fk_{table}_station_id_{column}"),
    )


def downgrade():
    op.drop_table("stocktake_findings")
    op.drop_table("stocktake_scans")
    op.drop_table("stocktakes")
