"""Keep which public holidays a station has, what its staff notes on people, and who was merged."""

import sqlalchemy as sa
from alembic import op
from station.core.db import Encrypted, UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column(
        "station_settings",
        sa.Column("holiday_calendar", sa.String(length=10), server_default="none", nullable=False),
    )
    for name in ("closes_on_holidays", "opens_made_up_days"):
        op.add_column(
            "station_settings", sa.Column(name, sa.Boolean(), server_default=sa.true(), nullable=False)
        )
    op.add_column("recipients", sa.Column("merged_into", sa.BigInteger(), nullable=True))
    op.create_index("ix_recipients_station_id_merged_into", "recipients", ["station_id", "merged_into"])
    op.create_table(
        "recipient_notes",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recipient_id", sa.BigInteger(), nullable=False),
        sa.Column("text", Encrypted(), nullable=False),
        sa.Column("written_by", sa.String(length=40), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_recipient_notes_station_id")),
        sa.ForeignKeyConstraint(
            ["station_id", "recipient_id"],
            ["recipients.station_id", "recipients.id"],
            name=op.f("fk_recipient_notes_station_id_recipient_id"),
        ),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_recipient_notes")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_recipient_notes_station_id_recipient_id", "recipient_notes", ["station_id", "recipient_id"]
    )


def downgrade():
    op.drop_table("recipient_notes")
    op.drop_index("ix_recipients_station_id_merged_into", "recipients")
    op.drop_column("recipients", "merged_into")
    for name in ("opens_made_up_days", "closes_on_holidays", "holiday_calendar"):
        op.drop_column("station_settings", name)
