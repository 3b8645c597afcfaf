"""Keep proxies, links in messages, and extensions of the storage time.

Columns are added with a default and foreign keys only to new tables: so SQLite rewrites no table that is there, and the
release before goes on writing rows.
"""

import sqlalchemy as sa
from alembic import op
from station.core.db import Encrypted, UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ADDED = (
    ("parcels", "extended_h", sa.Integer(), "0"),
    ("parcels", "extended_times", sa.Integer(), "0"),
    ("station_settings", "extension_h", sa.Integer(), "24"),
    ("station_settings", "extensions_most", sa.Integer(), "1"),
)


def upgrade():
    for table, column, kind, default in ADDED:
        op.add_column(table, sa.Column(column, kind, server_default=default, nullable=False))
    op.add_column("hand_overs", sa.Column("proxy_id", sa.BigInteger(), nullable=True))
    _create_proxies()
    op.create_table(
        "message_links",
        sa.Column("token_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("station_id", sa.BigInteger(), nullable=False),
        sa.Column("recipient_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_message_links_station_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_message_links")),
    )
    op.create_index(op.f("ix_message_links_expires_at"), "message_links", ["expires_at"])


def _create_proxies():
    op.create_table(
        "proxies",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recipient_id", sa.BigInteger(), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=True),
        sa.Column("code_hash", sa.LargeBinary(length=16), nullable=True),
        sa.Column("phone_hash", sa.LargeBinary(length=16), nullable=True),
        sa.Column("phone_tail", sa.String(length=4), nullable=True),
        sa.Column("name", Encrypted(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state in ('active', 'used', 'revoked', 'expired')", name=op.f("ck_proxies_state")
        ),
        sa.CheckConstraint("(code_hash is null) = (phone_hash is not null)", name=op.f("ck_proxies_way")),
        sa.ForeignKeyConstraint(
            ["station_id", "parcel_id"],
            ["parcels.station_id", "parcels.id"],
            name=op.f("fk_proxies_station_id_parcel_id"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "recipient_id"],
            ["recipients.station_id", "recipients.id"],
            name=op.f("fk_proxies_station_id_recipient_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_proxies_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_proxies")),
        sa.UniqueConstraint("station_id", "code_hash", name=op.f("uq_proxies_station_id_code_hash")),
        sqlite_with_rowid=False,
    )
    for column in ("recipient_id", "parcel_id", "phone_hash", "phone_tail"):
        op.create_index(f"ix_proxies_station_id_{column}", "proxies", ["station_id", column])


def downgrade():
    op.drop_table("message_links")
    op.drop_table("proxies")
    op.drop_column("hand_overs", "proxy_id")
    for table, column, _kind, _default in reversed(ADDED):
        op.drop_column(table, column)
