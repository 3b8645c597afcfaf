"""Keep manifests of parcels that go back, and the register of the unclaimable."""

import sqlalchemy as sa
from alembic import op
from station.core.db import Encrypted, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("parcels", sa.Column("kept_until", UtcDateTime(), nullable=True))
    op.add_column(
        "station_settings",
        sa.Column("unclaimed_days", sa.Integer(), server_default="184", nullable=False),
    )
    _create_manifests()
    _create_items()
    _create_unclaimed()


def _create_manifests():
    op.create_table(
        "return_manifests",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("carrier", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("opened_by", sa.String(length=40), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("ended_by", sa.String(length=40), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("courier_name", Encrypted(), nullable=True),
        sa.Column("media_type", sa.String(length=40), nullable=True),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=True),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "state in ('open', 'signed', 'cancelled')", name=op.f("ck_return_manifests_state")
        ),
        sa.CheckConstraint(
            "(state = 'signed') = (sha256 is not null)", name=op.f("ck_return_manifests_signed")
        ),
        sa.CheckConstraint("(state = 'open') = (ended_at is null)", name=op.f("ck_return_manifests_ended")),
        sa.ForeignKeyConstraint(["carrier"], ["carriers.code"], name=op.f("fk_return_manifests_carrier")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_return_manifests_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_return_manifests")),
        sqlite_with_rowid=False,
    )
    _unique_while("uq_return_manifests_open", "return_manifests", "carrier", "state = 'open'")


def _create_items():
    op.create_table(
        "return_items",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("manifest_id", sa.BigInteger(), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("added_by", sa.String(length=40), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("ended_by", sa.String(length=40), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("state in ('on', 'off', 'returned')", name=op.f("ck_return_items_state")),
        _within_station("return_items", "manifest_id", "return_manifests"),
        _within_station("return_items", "parcel_id", "parcels"),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_return_items_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_return_items")),
        sqlite_with_rowid=False,
    )
    _unique_while("uq_return_items_on", "return_items", "parcel_id", "state = 'on'")
    for column in ("manifest_id", "parcel_id"):
        op.create_index(f"ix_return_items_station_id_{column}", "return_items", ["station_id", column])


def _create_unclaimed():
    op.create_table(
        "unclaimed_parcels",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("entered_by", sa.String(length=40), nullable=False),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.Column("term_ends_at", UtcDateTime(), nullable=False),
        sa.Column("removed_by", sa.String(length=40), nullable=True),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        _within_station("unclaimed_parcels", "parcel_id", "parcels"),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name=op.f("fk_unclaimed_parcels_station_id")
        ),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_unclaimed_parcels")),
        sqlite_with_rowid=False,
    )
    _unique_while("uq_unclaimed_parcels_in_force", "unclaimed_parcels", "parcel_id", "removed_at is null")


def _within_station(table, column, target):
    return sa.ForeignKeyConstraint(
        ["station_id", column],
        [f"{target}.station_id", f"{target}.id"],
        name=op.f(f"fk_{table}_station_id_{column}"),
    )


def _unique_while(name, table, column, condition):
    where = sa.text(condition)
    columns = ["station_id", column]
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)


def downgrade():
    op.drop_table("unclaimed_parcels")
    op.drop_table("return_items")
    op.drop_table("return_manifests")
    op.drop_column("station_settings", "unclaimed_days")
    op.drop_column("parcels", "kept_until")
