"""Let couriers sign in: who they are, for which carriers they come, invitations, applications, and their phones."""

import sqlalchemy as sa
from alembic import op
from station.core.db import Encrypted, UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade():
    _create_couriers()
    _create_courier_carriers()
    _create_courier_invitations()
    _create_courier_applications()
    _create_courier_phones()


def _create_couriers():
    op.create_table(
        "couriers",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("phone_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("phone", Encrypted(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_couriers_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_couriers")),
        sa.UniqueConstraint("phone_hash", name=op.f("uq_couriers_phone_hash")),
    )


def _create_courier_carriers():
    op.create_table(
        "courier_carriers",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("carrier", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["carrier"], ["carriers.code"], name=op.f("fk_courier_carriers_carrier")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_courier_carriers_station_id")),
        sa.PrimaryKeyConstraint("station_id", "account_id", "carrier", name=op.f("pk_courier_carriers")),
        sqlite_with_rowid=False,
    )


def _create_courier_invitations():
    op.create_table(
        "courier_invitations",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("station_id", sa.BigInteger(), nullable=False),
        sa.Column("phone_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("phone", Encrypted(), nullable=False),
        sa.Column("name", Encrypted(), nullable=False),
        sa.Column("carriers", sa.String(length=200), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("by_network", sa.Boolean(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name=op.f("fk_courier_invitations_station_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_courier_invitations")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_courier_invitations_code_hash")),
    )
    for column in ("expires_at", "station_id"):
        op.create_index(op.f(f"ix_courier_invitations_{column}"), "courier_invitations", [column])


def _create_courier_applications():
    op.create_table(
        "courier_applications",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("phone_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("phone", Encrypted(), nullable=False),
        sa.Column("name", Encrypted(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("carriers", sa.String(length=200), nullable=False),
        sa.Column("number", sa.String(length=4), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name=op.f("fk_courier_applications_station_id")
        ),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_courier_applications")),
        sa.UniqueConstraint(
            "station_id", "phone_hash", name=op.f("uq_courier_applications_station_id_phone_hash")
        ),
        sqlite_with_rowid=False,
    )


def _create_courier_phones():
    op.create_table(
        "courier_phones",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("is_trusted", sa.Boolean(), nullable=False),
        sa.Column("signed_in_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_courier_phones_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_courier_phones")),
    )
    for column in ("account_id", "expires_at"):
        op.create_index(op.f(f"ix_courier_phones_{column}"), "courier_phones", [column])


def downgrade():
    op.drop_table("courier_phones")
    op.drop_table("courier_applications")
    op.drop_table("courier_invitations")
    op.drop_table("courier_carriers")
    op.drop_table("couriers")
