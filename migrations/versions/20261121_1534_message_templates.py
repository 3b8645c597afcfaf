"""Keep a station's own words, its quiet hours, what messages cost, and what was done about undelivered ones."""

import sqlalchemy as sa
from alembic import op
from station.core.db import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OUTBOX_COLUMNS = (
    ("parts", sa.Integer()),
    ("price_minor", sa.Integer()),
    ("currency", sa.String(length=3)),
    ("resent_as", sa.BigInteger()),
    ("called_at", UtcDateTime()),
    ("called_by", sa.BigInteger()),
)
INDEXES = (("ix_outbox_messages_sent", "sent_at", "sent"), ("ix_outbox_messages_dead", "id", "dead"))
QUIET = (("quiet_from", "21:00"), ("quiet_until", "08:00"))


def upgrade():
    op.create_table(
        "message_templates",
        sa.Column("topic", sa.String(length=24), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("body", sa.String(length=200), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name=op.f("fk_message_templates_station_id")
        ),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_message_templates")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_message_templates_station_id_topic_language_id",
        "message_templates",
        ["station_id", "topic", "language", "id"],
    )
    op.create_table(
        "message_prices",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("price_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("price_minor >= 0", name=op.f("ck_message_prices_price")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_message_prices_station_id")),
        sa.PrimaryKeyConstraint("station_id", "channel", name=op.f("pk_message_prices")),
        sqlite_with_rowid=False,
    )
    for name, default in QUIET:
        column = sa.Column(name, sa.String(length=5), server_default=default, nullable=False)
        op.add_column("station_settings", column)
    for name, kind in OUTBOX_COLUMNS:
        op.add_column("outbox_messages", sa.Column(name, kind, nullable=True))
    for name, column, state in INDEXES:
        is_state = sa.text(f"state = '{state}'")
        op.create_index(
            name,
            "outbox_messages",
            ["station_id", column],
            sqlite_where=is_state,
            postgresql_where=is_state,
        )


def downgrade():
    for name, _column, _state in INDEXES:
        op.drop_index(name, table_name="outbox_messages")
    for name, _kind in reversed(OUTBOX_COLUMNS):
        op.drop_column("outbox_messages", name)
    for name, _default in reversed(QUIET):
        op.drop_column("station_settings", name)
    op.drop_table("message_prices")
    op.drop_index("ix_message_templates_station_id_topic_language_id", table_name="message_templates")
    op.drop_table("message_templates")
