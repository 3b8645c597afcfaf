"""Keep couriers' drops: the visit, every scan of it, the signed receipt and the clerk's count."""

import sqlalchemy as sa
from alembic import op
from station.core.db import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade():
    _create_drops()
    _create_scans()


def _create_drops():
    op.create_table(
        "drops",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.Column("closes_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("finished_by", sa.String(length=40), nullable=True),
        sa.Column("told", sa.Integer(), nullable=True),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=True),
        sa.Column("counted", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=40), nullable=True),
        sa.CheckConstraint("state in ('open', 'finished', 'confirmed')", name=op.f("ck_drops_state")),
        sa.CheckConstraint("(state = 'open') = (receipt is null)", name=op.f("ck_drops_receipt")),
        sa.CheckConstraint("(state = 'confirmed') = (counted is not null)", name=op.f("ck_drops_counted")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_drops_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_drops")),
        sa.UniqueConstraint(
            "station_id", "account_id", "step", name=op.f("uq_drops_station_id_account_id_step")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_drops_station_id_opened_at", "drops", ["station_id", "opened_at"])


def _create_scans():
    op.create_table(
        "drop_scans",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("drop_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("raw_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("waybill", sa.String(length=32), nullable=True),
        sa.Column("scanned_at", UtcDateTime(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("size_class", sa.String(length=8), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("stop", sa.String(length=16), nullable=True),
        sa.Column("parcel_id", sa.BigInteger(), nullable=True),
        sa.Column("tag", sa.String(length=12), nullable=True),
        sa.Column("pickup_code", sa.String(length=24), nullable=True),
        sa.Column("needs_sticker", sa.Boolean(), nullable=False),
        sa.Column("problem", sa.String(length=20), nullable=True),
        sa.Column("choice", sa.String(length=10), nullable=True),
        sa.Column("how", sa.String(length=20), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        _within_station("drop_scans", "drop_id", "drops"),
        _within_station("drop_scans", "parcel_id", "parcels"),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_drop_scans_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_drop_scans")),
        sa.UniqueConstraint(
            "station_id", "drop_id", "key", name=op.f("uq_drop_scans_station_id_drop_id_key")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_drop_scans_station_id_drop_id", "drop_scans", ["station_id", "drop_id", "id"])
    op.create_index("ix_drop_scans_station_id_parcel_id", "drop_scans", ["station_id", "parcel_id"])


def _within_station(table, column, target):
    return sa.ForeignKeyConstraint(
        ["station_id", column],
        [f"{target}.station_id", f"{target}.id"],
        name=op.f(f"fk_{table}_station_id_{column}"),
    )


def downgrade():
    op.drop_table("drop_scans")
    op.drop_table("drops")
