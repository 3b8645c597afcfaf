"""Keep identity codes that were used, the keys that sign them, and the secrets of the six digits beside them."""

import sqlalchemy as sa
from alembic import op
from station.core.db import Encrypted, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "identity_keys",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("public", sa.LargeBinary(length=32), nullable=False),
        sa.Column("private", Encrypted(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("id between 1 and 65535", name=op.f("ck_identity_keys_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_keys")),
    )
    op.create_table(
        "used_identity_codes",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("nonce", sa.LargeBinary(length=5), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name=op.f("fk_used_identity_codes_station_id")
        ),
        sa.PrimaryKeyConstraint("station_id", "nonce", name=op.f("pk_used_identity_codes")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "digit_secrets",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recipient_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("secret", Encrypted(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id", "recipient_id"],
            ["recipients.station_id", "recipients.id"],
            name=op.f("fk_digit_secrets_station_id_recipient_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_digit_secrets_station_id")),
        sa.PrimaryKeyConstraint("station_id", "recipient_id", name=op.f("pk_digit_secrets")),
        sqlite_with_rowid=False,
    )


def downgrade():
    op.drop_table("digit_secrets")
    op.drop_table("used_identity_codes")
    op.drop_table("identity_keys")
