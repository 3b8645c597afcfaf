"""Keep why a courier did not take a line of a manifest, and claims about signed manifests with the log attached.

A column that may be empty and new tables: the release before goes on without them.
"""

import sqlalchemy as sa
from alembic import op
from station.core.db import Encrypted, UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("return_items", sa.Column("off_reason", sa.String(length=20), nullable=True))
    _create_disputes()
    _create_parcels()


def _create_disputes():
    op.create_table(
        "disputes",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("manifest_id", sa.BigInteger(), nullable=False),
        sa.Column("carrier", sa.String(length=12), nullable=False),
        sa.Column("claim", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("opened_by", sa.String(length=40), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("words", Encrypted(), nullable=True),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("answer", Encrypted(), nullable=True),
        sa.Column("answered_by", sa.String(length=40), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(length=40), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "claim in ('not_received', 'other_parcel', 'damaged')", name=op.f("ck_disputes_claim")
        ),
        sa.CheckConstraint(
            "state in ('open', 'answered', 'for_station', 'for_carrier', 'withdrawn')",
            name=op.f("ck_disputes_state"),
        ),
        sa.CheckConstraint(
            "(state in ('open', 'answered')) = (ended_at is null)", name=op.f("ck_disputes_ended")
        ),
        sa.ForeignKeyConstraint(["carrier"], ["carriers.code"], name=op.f("fk_disputes_carrier")),
        _reference("disputes", "manifest_id", "return_manifests"),
        _station("disputes"),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_disputes")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_disputes_station_id_manifest_id", "disputes", ["station_id", "manifest_id"])
    standing = sa.text("state in ('open', 'answered')")
    op.create_index(
        "ix_disputes_standing",
        "disputes",
        ["station_id", "id"],
        sqlite_where=standing,
        postgresql_where=standing,
    )


def _create_parcels():
    op.create_table(
        "dispute_parcels",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("dispute_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("item_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        _reference("dispute_parcels", "dispute_id", "disputes"),
        _reference("dispute_parcels", "item_id", "return_items"),
        _reference("dispute_parcels", "parcel_id", "parcels"),
        _station("dispute_parcels"),
        sa.PrimaryKeyConstraint("station_id", "dispute_id", "item_id", name=op.f("pk_dispute_parcels")),
        sqlite_with_rowid=False,
    )
    standing = sa.text("ended_at is null")
    op.create_index(
        "uq_dispute_parcels_standing",
        "dispute_parcels",
        ["station_id", "item_id"],
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )
    op.create_index("ix_dispute_parcels_station_id_parcel_id", "dispute_parcels", ["station_id", "parcel_id"])


def _station(table):
    return sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f(f"fk_{table}_station_id"))


def _reference(table, column, target):
    return sa.ForeignKeyConstraint(
        ["station_id", column],
        [f"{target}.station_id", f"{target}.id"],
        name=op.f(f"fk_{table}_station_id_{column}"),
    )


def downgrade():
    op.drop_table("dispute_parcels")
    op.drop_table("disputes")
    op.drop_column("return_items", "off_reason")
