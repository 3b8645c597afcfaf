"""Share out what neighbours bought together: the supplier's order, crates that came, bags, and goods offered on."""

import sqlalchemy as sa
from alembic import op
from station.core.db import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade():
    _create_supplier_orders()
    _create_arrivals()
    _create_order_bags()
    _create_campaign_offers()


def _create_supplier_orders():
    op.create_table(
        "supplier_orders",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("boxes", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["station_id", "campaign_id"],
            ["campaigns.station_id", "campaigns.id"],
            name=op.f("fk_supplier_orders_station_id_campaign_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_supplier_orders_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_supplier_orders")),
        sa.UniqueConstraint(
            "station_id", "campaign_id", name=op.f("uq_supplier_orders_station_id_campaign_id")
        ),
        sqlite_with_rowid=False,
    )


def _create_arrivals():
    op.create_table(
        "arrivals",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("crate", sa.String(length=40), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("short", sa.Integer(), nullable=False),
        sa.Column("damaged", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("media_type", sa.String(length=20), nullable=True),
        sa.Column("picture", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("counted >= 0", name=op.f("ck_arrivals_counted")),
        sa.CheckConstraint("damaged between 0 and counted", name=op.f("ck_arrivals_damaged")),
        sa.CheckConstraint("short >= 0", name=op.f("ck_arrivals_short")),
        sa.ForeignKeyConstraint(
            ["station_id", "campaign_id"],
            ["campaigns.station_id", "campaigns.id"],
            name=op.f("fk_arrivals_station_id_campaign_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_arrivals_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_arrivals")),
        sa.UniqueConstraint(
            "station_id", "campaign_id", "crate", name=op.f("uq_arrivals_station_id_campaign_id_crate")
        ),
        sqlite_with_rowid=False,
    )


def _create_order_bags():
    op.create_table(
        "order_bags",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("point_station_id", sa.BigInteger(), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=True),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("ready_at", UtcDateTime(), nullable=True),
        sa.Column("collect_until", UtcDateTime(), nullable=True),
        sa.Column("reminded_at", UtcDateTime(), nullable=True),
        sa.Column("release_agreed_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("units >= 1", name=op.f("ck_order_bags_units")),
        sa.ForeignKeyConstraint(
            ["station_id", "order_id"],
            ["group_orders.station_id", "group_orders.id"],
            name=op.f("fk_order_bags_station_id_order_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_order_bags_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_order_bags")),
        sa.UniqueConstraint("station_id", "order_id", name=op.f("uq_order_bags_station_id_order_id")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_order_bags_parcel", "order_bags", ["station_id", "point_station_id", "parcel_id"], unique=False
    )


def _create_campaign_offers():
    op.create_table(
        "campaign_offers",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("bag_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("offered_at", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("units >= 1", name=op.f("ck_campaign_offers_units")),
        sa.ForeignKeyConstraint(
            ["station_id", "bag_id"],
            ["order_bags.station_id", "order_bags.id"],
            name=op.f("fk_campaign_offers_station_id_bag_id"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "campaign_id"],
            ["campaigns.station_id", "campaigns.id"],
            name=op.f("fk_campaign_offers_station_id_campaign_id"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "order_id"],
            ["group_orders.station_id", "group_orders.id"],
            name=op.f("fk_campaign_offers_station_id_order_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_campaign_offers_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_campaign_offers")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_campaign_offers_station_id_order_id", "campaign_offers", ["station_id", "order_id"], unique=False
    )


def downgrade():
    op.drop_table("campaign_offers")
    op.drop_table("order_bags")
    op.drop_table("arrivals")
    op.drop_table("supplier_orders")
