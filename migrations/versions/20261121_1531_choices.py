"""Keep what residents choose and agree to."""

import sqlalchemy as sa
from alembic import op
from station.core.db import Encrypted, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("recipients", sa.Column("erased_at", UtcDateTime(), nullable=True))
    op.create_table(
        "recipient_preferences",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recipient_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=True),
        sa.Column("email", Encrypted(), nullable=True),
        sa.Column("language", sa.String(length=5), nullable=True),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_until", sa.Time(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "channel in ('sms', 'email', 'none')", name=op.f("ck_recipient_preferences_channel")
        ),
        sa.CheckConstraint(
            "(quiet_from is null) = (quiet_until is null)", name=op.f("ck_recipient_preferences_quiet")
        ),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name=op.f("fk_recipient_preferences_station_id")
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "recipient_id"],
            ["recipients.station_id", "recipients.id"],
            name=op.f("fk_recipient_preferences_station_id_recipient_id"),
        ),
        sa.PrimaryKeyConstraint("station_id", "recipient_id", name=op.f("pk_recipient_preferences")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "agreement_texts",
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("purpose", "version", "language", name=op.f("pk_agreement_texts")),
    )
    op.create_table(
        "agreements",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recipient_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("word", sa.String(length=10), nullable=False),
        sa.Column("text_version", sa.Integer(), nullable=False),
        sa.Column("text_language", sa.String(length=5), nullable=False),
        sa.Column("given_by", sa.String(length=10), nullable=False),
        sa.Column("guardian_name", Encrypted(), nullable=True),
        sa.Column("guardian_phone", Encrypted(), nullable=True),
        sa.Column("recorded_by", sa.String(length=40), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("word in ('given', 'withdrawn')", name=op.f("ck_agreements_word")),
        sa.CheckConstraint("given_by in ('self', 'guardian')", name=op.f("ck_agreements_given_by")),
        sa.ForeignKeyConstraint(
            ["purpose", "text_version", "text_language"],
            ["agreement_texts.purpose", "agreement_texts.version", "agreement_texts.language"],
            name=op.f("fk_agreements_purpose_text_version_text_language"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_agreements_station_id")),
        sa.ForeignKeyConstraint(
            ["station_id", "recipient_id"],
            ["recipients.station_id", "recipients.id"],
            name=op.f("fk_agreements_station_id_recipient_id"),
        ),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_agreements")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_agreements_station_id_recipient_id",
        "agreements",
        ["station_id", "recipient_id", "purpose"],
    )


def downgrade():
    op.drop_table("agreements")
    op.drop_table("agreement_texts")
    op.drop_table("recipient_preferences")
    op.drop_column("recipients", "erased_at")
