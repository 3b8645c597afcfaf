"""Let neighbours buy together: suppliers, campaigns and orders."""

import sqlalchemy as sa
from alembic import op
from station.core.db import Encrypted, UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade():
    _create_suppliers()
    _create_campaigns()
    _create_campaign_tiers()
    _create_campaign_pictures()
    _create_campaign_points()
    _create_group_orders()


def _create_suppliers():
    op.create_table(
        "suppliers",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("phone", Encrypted(), nullable=True),
        sa.Column("email", Encrypted(), nullable=True),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("language in ('en', 'zh')", name=op.f("ck_suppliers_language")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_suppliers_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_suppliers")),
        sa.UniqueConstraint("station_id", "name", name=op.f("uq_suppliers_station_id_name")),
        sqlite_with_rowid=False,
    )


def _create_campaigns():
    op.create_table(
        "campaigns",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("share_token", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=60), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("supplier_id", sa.BigInteger(), nullable=False),
        sa.Column("storage", sa.String(length=8), nullable=False),
        sa.Column("minimum_total", sa.Integer(), nullable=True),
        sa.Column("maximum_total", sa.Integer(), nullable=True),
        sa.Column("per_person_most", sa.Integer(), nullable=True),
        sa.Column("box_size", sa.Integer(), nullable=False),
        sa.Column("commission_bp", sa.Integer(), nullable=False),
        sa.Column("pays", sa.String(length=10), nullable=False),
        sa.Column("at_cut_off", sa.String(length=16), nullable=False),
        sa.Column("opens_at", UtcDateTime(), nullable=True),
        sa.Column("cut_off_at", UtcDateTime(), nullable=False),
        sa.Column("arrives_on", sa.Date(), nullable=False),
        sa.Column("collect_h", sa.Integer(), nullable=True),
        sa.Column("unclaimed_rule", sa.String(length=12), nullable=False),
        sa.Column("ordered_units", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("arrived_at", UtcDateTime(), nullable=True),
        sa.Column("sharing_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("end_reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "at_cut_off in ('close', 'close_if_minimum', 'close_and_order')",
            name=op.f("ck_campaigns_at_cut_off"),
        ),
        sa.CheckConstraint("pays in ('before', 'at_pickup')", name=op.f("ck_campaigns_pays")),
        sa.CheckConstraint(
            "state in ('draft', 'open', 'closed', 'ordered', 'arrived', 'sharing', 'finished', 'failed', 'cancelled')",
            name=op.f("ck_campaigns_state"),
        ),
        sa.CheckConstraint("storage in ('room', 'chilled', 'frozen')", name=op.f("ck_campaigns_storage")),
        sa.CheckConstraint(
            "unclaimed_rule in ('refund', 'donate', 'keep_charge')", name=op.f("ck_campaigns_unclaimed_rule")
        ),
        sa.CheckConstraint("box_size >= 1", name=op.f("ck_campaigns_box_size")),
        sa.CheckConstraint("commission_bp between 0 and 10000", name=op.f("ck_campaigns_commission_bp")),
        sa.CheckConstraint(
            "minimum_total is null or maximum_total is null or minimum_total <= maximum_total",
            name=op.f("ck_campaigns_range"),
        ),
        sa.CheckConstraint(
            "minimum_total is null or minimum_total >= 1", name=op.f("ck_campaigns_minimum_total")
        ),
        sa.CheckConstraint(
            "ordered_units >= 0 and (maximum_total is null or ordered_units <= maximum_total)",
            name=op.f("ck_campaigns_ordered_units"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "supplier_id"],
            ["suppliers.station_id", "suppliers.id"],
            name=op.f("fk_campaigns_station_id_supplier_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_campaigns_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("station_id", "number", name=op.f("uq_campaigns_station_id_number")),
        sa.UniqueConstraint("station_id", "share_token", name=op.f("uq_campaigns_station_id_share_token")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_campaigns_cut_off",
        "campaigns",
        ["station_id", "cut_off_at"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_campaigns_station_id_state", "campaigns", ["station_id", "state", "cut_off_at"], unique=False
    )


def _create_campaign_tiers():
    op.create_table(
        "campaign_tiers",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("from_total", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("from_total >= 1", name=op.f("ck_campaign_tiers_from_total")),
        sa.CheckConstraint("unit_price_minor >= 1", name=op.f("ck_campaign_tiers_unit_price_minor")),
        sa.ForeignKeyConstraint(
            ["station_id", "campaign_id"],
            ["campaigns.station_id", "campaigns.id"],
            name=op.f("fk_campaign_tiers_station_id_campaign_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_campaign_tiers_station_id")),
        sa.PrimaryKeyConstraint("station_id", "campaign_id", "from_total", name=op.f("pk_campaign_tiers")),
        sqlite_with_rowid=False,
    )


def _create_campaign_pictures():
    op.create_table(
        "campaign_pictures",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=20), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id", "campaign_id"],
            ["campaigns.station_id", "campaigns.id"],
            name=op.f("fk_campaign_pictures_station_id_campaign_id"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name=op.f("fk_campaign_pictures_station_id")
        ),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_campaign_pictures")),
        sa.UniqueConstraint(
            "station_id",
            "campaign_id",
            "place",
            name=op.f("uq_campaign_pictures_station_id_campaign_id_place"),
        ),
        sqlite_with_rowid=False,
    )


def _create_campaign_points():
    op.create_table(
        "campaign_points",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("point_station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("share_bp", sa.Integer(), nullable=False),
        sa.CheckConstraint("share_bp between 0 and 10000", name=op.f("ck_campaign_points_share_bp")),
        sa.ForeignKeyConstraint(
            ["station_id", "campaign_id"],
            ["campaigns.station_id", "campaigns.id"],
            name=op.f("fk_campaign_points_station_id_campaign_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_campaign_points_station_id")),
        sa.PrimaryKeyConstraint(
            "station_id", "campaign_id", "point_station_id", name=op.f("pk_campaign_points")
        ),
        sqlite_with_rowid=False,
    )


def _create_group_orders():
    op.create_table(
        "group_orders",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("recipient_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("point_station_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("tolerance", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("ranked_at", UtcDateTime(), nullable=False),
        sa.Column("hold_until", UtcDateTime(), nullable=True),
        sa.Column("allocated", sa.Integer(), nullable=True),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=True),
        sa.Column("delivered", sa.Integer(), nullable=True),
        sa.Column("result", sa.String(length=24), nullable=True),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'held') = (hold_until is not null)", name=op.f("ck_group_orders_hold_until")
        ),
        sa.CheckConstraint(
            "quantity >= 1 or (quantity = 0 and state = 'cancelled')", name=op.f("ck_group_orders_quantity")
        ),
        sa.CheckConstraint(
            "state in ('held', 'placed', 'waiting', 'cancelled', 'fallen', 'allocated', 'nothing', 'ready', 'collected', 'unclaimed', 'closed')",
            name=op.f("ck_group_orders_state"),
        ),
        sa.CheckConstraint(
            "allocated is null or allocated between 0 and quantity + tolerance",
            name=op.f("ck_group_orders_allocated"),
        ),
        sa.CheckConstraint(
            "delivered is null or delivered between 0 and allocated", name=op.f("ck_group_orders_delivered")
        ),
        sa.CheckConstraint("tolerance >= 0", name=op.f("ck_group_orders_tolerance")),
        sa.ForeignKeyConstraint(
            ["station_id", "campaign_id"],
            ["campaigns.station_id", "campaigns.id"],
            name=op.f("fk_group_orders_station_id_campaign_id"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "recipient_id"],
            ["recipients.station_id", "recipients.id"],
            name=op.f("fk_group_orders_station_id_recipient_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_group_orders_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_group_orders")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_group_orders_held",
        "group_orders",
        ["station_id", "hold_until"],
        unique=False,
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_index(
        "ix_group_orders_rank",
        "group_orders",
        ["station_id", "campaign_id", "state", "ranked_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_group_orders_station_id_recipient_id",
        "group_orders",
        ["station_id", "recipient_id"],
        unique=False,
    )
    op.create_index(
        "uq_group_orders_live",
        "group_orders",
        ["station_id", "campaign_id", "recipient_id"],
        unique=True,
        sqlite_where=sa.text("state not in ('cancelled', 'fallen')"),
        postgresql_where=sa.text("state not in ('cancelled', 'fallen')"),
    )


def downgrade():
    op.drop_table("group_orders")
    op.drop_table("campaign_points")
    op.drop_table("campaign_pictures")
    op.drop_table("campaign_tiers")
    op.drop_table("campaigns")
    op.drop_table("suppliers")
