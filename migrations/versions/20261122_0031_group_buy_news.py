"""Keep who wants to be reminded of a group buy, later arrival days, and what is left over."""

import sqlalchemy as sa
from alembic import op
from station.core.db import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("campaigns", sa.Column("reminded_at", UtcDateTime(), nullable=True))
    _bag_may_be_missing(nullable=True)
    _create_campaign_reminders()
    _create_campaign_delays()
    _create_campaign_surplus()
    _create_surplus_uses()


def _bag_may_be_missing(*, nullable):
    with op.batch_alter_table("campaign_offers", table_kwargs={"sqlite_with_rowid": False}) as batch_op:
        batch_op.alter_column("bag_id", existing_type=sa.BigInteger(), nullable=nullable)


def _of_campaign(table):
    return (
        sa.ForeignKeyConstraint(
            ["station_id", "campaign_id"],
            ["campaigns.station_id", "campaigns.id"],
            name=op.f(f"fk_{table}_station_id_campaign_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f(f"fk_{table}_station_id")),
    )


def _create_campaign_reminders():
    op.create_table(
        "campaign_reminders",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recipient_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        *_of_campaign("campaign_reminders"),
        sa.ForeignKeyConstraint(
            ["station_id", "recipient_id"],
            ["recipients.station_id", "recipients.id"],
            name=op.f("fk_campaign_reminders_station_id_recipient_id"),
        ),
        sa.PrimaryKeyConstraint(
            "station_id", "campaign_id", "recipient_id", name=op.f("pk_campaign_reminders")
        ),
        sqlite_with_rowid=False,
    )


def _create_campaign_delays():
    op.create_table(
        "campaign_delays",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("was_on", sa.Date(), nullable=False),
        sa.Column("now_on", sa.Date(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("was_on <> now_on", name=op.f("ck_campaign_delays_now_on")),
        *_of_campaign("campaign_delays"),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_campaign_delays")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_campaign_delays_station_id_campaign_id",
        "campaign_delays",
        ["station_id", "campaign_id"],
        unique=False,
    )


def _create_campaign_surplus():
    op.create_table(
        "campaign_surplus",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("remaining", sa.Integer(), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.CheckConstraint("units >= 1", name=op.f("ck_campaign_surplus_units")),
        sa.CheckConstraint("remaining between 0 and units", name=op.f("ck_campaign_surplus_remaining")),
        *_of_campaign("campaign_surplus"),
        sa.PrimaryKeyConstraint("station_id", "campaign_id", name=op.f("pk_campaign_surplus")),
        sqlite_with_rowid=False,
    )


def _create_surplus_uses():
    op.create_table(
        "surplus_uses",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=12), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("units >= 1", name=op.f("ck_surplus_uses_units")),
        sa.CheckConstraint("way in ('returned', 'sold', 'given_away')", name=op.f("ck_surplus_uses_way")),
        *_of_campaign("surplus_uses"),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_surplus_uses")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_surplus_uses_station_id_campaign_id", "surplus_uses", ["station_id", "campaign_id"], unique=False
    )


def downgrade():
    op.drop_table("surplus_uses")
    op.drop_table("campaign_surplus")
    op.drop_table("campaign_delays")
    op.drop_table("campaign_reminders")
    op.execute(sa.text("DELETE FROM campaign_offers WHERE bag_id IS NULL"))  # of goods that had no bag
    _bag_may_be_missing(nullable=False)
    op.drop_column("campaigns", "reminded_at")
