"""Keep complaints about collected goods of a group buy."""

import sqlalchemy as sa
from alembic import op
from station.core.db import Encrypted, UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("campaigns", sa.Column("claim_h", sa.Integer(), nullable=True))
    _create_order_claims()
    _create_claim_pictures()


def _create_order_claims():
    op.create_table(
        "order_claims",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("problem", sa.String(length=8), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("words", Encrypted(), nullable=True),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(length=40), nullable=True),
        sa.Column("refunded_units", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("borne_by", sa.String(length=8), nullable=False),
        sa.Column("answer", Encrypted(), nullable=True),
        sa.CheckConstraint(
            "state in ('open', 'refunded', 'refused', 'withdrawn')", name=op.f("ck_order_claims_state")
        ),
        sa.CheckConstraint(
            "problem in ('bad', 'damaged', 'missing', 'wrong')", name=op.f("ck_order_claims_problem")
        ),
        sa.CheckConstraint("units >= 1", name=op.f("ck_order_claims_units")),
        sa.CheckConstraint("refunded_units between 0 and units", name=op.f("ck_order_claims_refunded_units")),
        sa.CheckConstraint(
            "(state = 'refunded') = (refunded_units >= 1)", name=op.f("ck_order_claims_refunded")
        ),
        sa.CheckConstraint(
            "(state = 'refunded') = (amount_minor >= 1)", name=op.f("ck_order_claims_amount_minor")
        ),
        sa.CheckConstraint(
            "(state = 'refunded') = (borne_by in ('supplier', 'station'))",
            name=op.f("ck_order_claims_borne_by"),
        ),
        sa.CheckConstraint("(state = 'open') = (ended_at is null)", name=op.f("ck_order_claims_ended_at")),
        sa.ForeignKeyConstraint(
            ["station_id", "order_id"],
            ["group_orders.station_id", "group_orders.id"],
            name=op.f("fk_order_claims_station_id_order_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_order_claims_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_order_claims")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_order_claims_station_id_order_id", "order_claims", ["station_id", "order_id"], unique=False
    )
    op.create_index(
        "uq_order_claims_open",
        "order_claims",
        ["station_id", "order_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )


def _create_claim_pictures():
    op.create_table(
        "claim_pictures",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("claim_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=20), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("place >= 1", name=op.f("ck_claim_pictures_place")),
        sa.ForeignKeyConstraint(
            ["station_id", "claim_id"],
            ["order_claims.station_id", "order_claims.id"],
            name=op.f("fk_claim_pictures_station_id_claim_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_claim_pictures_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_claim_pictures")),
        sa.UniqueConstraint(
            "station_id", "claim_id", "place", name=op.f("uq_claim_pictures_station_id_claim_id_place")
        ),
        sqlite_with_rowid=False,
    )


def downgrade():
    op.drop_table("claim_pictures")
    op.drop_table("order_claims")
    op.drop_column("campaigns", "claim_h")
