"""Let residents sign in by phone number: which stations know a number, and its newest one-time code."""

import sqlalchemy as sa
from alembic import op
from station.core.db import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "phone_stations",
        sa.Column("phone_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_phone_stations_station_id")),
        sa.PrimaryKeyConstraint("phone_hash", "station_id", name=op.f("pk_phone_stations")),
    )
    op.create_table(
        "sign_in_codes",
        sa.Column("phone_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("nonce", sa.LargeBinary(length=16), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("phone_hash", name=op.f("pk_sign_in_codes")),
    )
    op.execute(
        "INSERT INTO phone_stations (phone_hash, station_id)"
        " SELECT DISTINCT phone_hash, station_id FROM recipients WHERE phone_kind <> 'privacy'"
    )


def downgrade():
    op.drop_table("sign_in_codes")
    op.drop_table("phone_stations")
