"""Keep payments: what was asked and paid, what providers say of it, refunds, and where both books differ."""

import sqlalchemy as sa
from alembic import op
from station.core.db import Encrypted, UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

ASKED = sa.text("state = 'asked'")


def upgrade():
    _create_payments()
    _create_refunds()
    _create_payment_notices()
    _create_payment_providers()
    _create_test_movements()
    _create_reconciliations()
    _create_reconciliation_lines()


def _create_payments():
    op.create_table(
        "payments",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("purpose", sa.String(length=48), nullable=False),
        sa.Column("recipient_id", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.String(length=12), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("provider_ref", sa.String(length=64), nullable=True),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("paid_at", UtcDateTime(), nullable=True),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("journal_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payments_amount")),
        sa.CheckConstraint("(state = 'paid') = (journal_id is not null)", name=op.f("ck_payments_booked")),
        sa.CheckConstraint("(state = 'paid') = (paid_at is not null)", name=op.f("ck_payments_paid")),
        sa.CheckConstraint("refunded_minor between 0 and amount_minor", name=op.f("ck_payments_refunded")),
        sa.CheckConstraint("refunded_minor = 0 or state = 'paid'", name=op.f("ck_payments_refunded_paid")),
        sa.CheckConstraint("state in ('asked', 'paid', 'expired', 'failed')", name=op.f("ck_payments_state")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_payments_station_id")),
        _within_station("payments", "journal_id", "journals"),
        _within_station("payments", "recipient_id", "recipients"),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_payments")),
        sa.UniqueConstraint("station_id", "key", name=op.f("uq_payments_station_id_key")),
        sa.UniqueConstraint(
            "station_id",
            "provider",
            "provider_ref",
            name=op.f("uq_payments_station_id_provider_provider_ref"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_payments_asked",
        "payments",
        ["station_id", "expires_at"],
        sqlite_where=ASKED,
        postgresql_where=ASKED,
    )
    op.create_index(
        "ix_payments_station_id_provider_paid_at", "payments", ["station_id", "provider", "paid_at"]
    )
    op.create_index("ix_payments_station_id_recipient_id", "payments", ["station_id", "recipient_id"])


def _create_refunds():
    op.create_table(
        "refunds",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("provider_ref", sa.String(length=64), nullable=True),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("journal_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refunds_amount")),
        sa.CheckConstraint("(state = 'asked') = (ended_at is null)", name=op.f("ck_refunds_ended")),
        sa.CheckConstraint("state in ('asked', 'done', 'failed')", name=op.f("ck_refunds_state")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_refunds_station_id")),
        _within_station("refunds", "journal_id", "journals"),
        _within_station("refunds", "payment_id", "payments"),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("station_id", "key", name=op.f("uq_refunds_station_id_key")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_refunds_asked", "refunds", ["station_id", "asked_at"], sqlite_where=ASKED, postgresql_where=ASKED
    )
    op.create_index("ix_refunds_station_id_payment_id", "refunds", ["station_id", "payment_id"])


def _create_payment_notices():
    op.create_table(
        "payment_notices",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("provider", sa.String(length=12), nullable=False),
        sa.Column("notice", sa.String(length=128), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_payment_notices_station_id")),
        _within_station("payment_notices", "payment_id", "payments"),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_payment_notices")),
        sa.UniqueConstraint(
            "station_id",
            "provider",
            "notice",
            name=op.f("uq_payment_notices_station_id_provider_notice"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_payment_notices_station_id_at", "payment_notices", ["station_id", "at"])
    op.create_index(
        "ix_payment_notices_station_id_payment_id", "payment_notices", ["station_id", "payment_id"]
    )


def _create_payment_providers():
    op.create_table(
        "payment_providers",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("provider", sa.String(length=12), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("options", Encrypted(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name=op.f("fk_payment_providers_station_id")
        ),
        sa.PrimaryKeyConstraint("station_id", "provider", name=op.f("pk_payment_providers")),
        sqlite_with_rowid=False,
    )


def _create_test_movements():
    op.create_table(
        "test_movements",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("trade", sa.String(length=64), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_test_movements_amount")),
        sa.CheckConstraint("kind in ('payment', 'refund')", name=op.f("ck_test_movements_kind")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_test_movements_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_test_movements")),
        sa.UniqueConstraint(
            "station_id", "kind", "number", name=op.f("uq_test_movements_station_id_kind_number")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_test_movements_station_id_at", "test_movements", ["station_id", "at"])


def _create_reconciliations():
    op.create_table(
        "reconciliations",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("provider", sa.String(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("matched", sa.Integer(), nullable=False),
        sa.Column("differing", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "rows >= 0 and matched >= 0 and differing >= 0", name=op.f("ck_reconciliations_counts")
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_reconciliations_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_reconciliations")),
        sa.UniqueConstraint(
            "station_id",
            "provider",
            "day",
            "sha256",
            name=op.f("uq_reconciliations_station_id_provider_day_sha256"),
        ),
        sqlite_with_rowid=False,
    )


def _create_reconciliation_lines():
    op.create_table(
        "reconciliation_lines",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reconciliation_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("provider_ref", sa.String(length=64), nullable=True),
        sa.Column("payment_id", sa.BigInteger(), nullable=True),
        sa.Column("refund_id", sa.BigInteger(), nullable=True),
        sa.Column("ours_minor", sa.BigInteger(), nullable=True),
        sa.Column("theirs_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("note", Encrypted(), nullable=True),
        sa.Column("ended_by", sa.String(length=40), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(state = 'open') = (ended_at is null)", name=op.f("ck_reconciliation_lines_ended")
        ),
        sa.CheckConstraint(
            "kind in ('missing_here', 'missing_there', 'other_amount')",
            name=op.f("ck_reconciliation_lines_kind"),
        ),
        sa.CheckConstraint(
            "(kind = 'missing_here') = (ours_minor is null)", name=op.f("ck_reconciliation_lines_ours")
        ),
        sa.CheckConstraint(
            "state in ('open', 'booked', 'explained')", name=op.f("ck_reconciliation_lines_state")
        ),
        sa.CheckConstraint(
            "(kind = 'missing_there') = (theirs_minor is null)", name=op.f("ck_reconciliation_lines_theirs")
        ),
        sa.CheckConstraint("what in ('payment', 'refund')", name=op.f("ck_reconciliation_lines_what")),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name=op.f("fk_reconciliation_lines_station_id")
        ),
        _within_station("reconciliation_lines", "payment_id", "payments"),
        _within_station("reconciliation_lines", "reconciliation_id", "reconciliations"),
        _within_station("reconciliation_lines", "refund_id", "refunds"),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_reconciliation_lines")),
        sa.UniqueConstraint(
            "station_id",
            "reconciliation_id",
            "kind",
            "what",
            "number",
            name=op.f("uq_reconciliation_lines_station_id_reconciliation_id_kind_what_number"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_reconciliation_lines_station_id_state", "reconciliation_lines", ["station_id", "state"]
    )


def _within_station(table, column, target):
    return sa.ForeignKeyConstraint(
        ["station_id", column],
        [f"{target}.station_id", f"{target}.id"],
        name=op.f(f"fk_{table}_station_id_{column}"),
    )


def downgrade():
    op.drop_table("reconciliation_lines")
    op.drop_table("reconciliations")
    op.drop_table("test_movements")
    op.drop_table("payment_providers")
    op.drop_table("payment_notices")
    op.drop_table("refunds")
    op.drop_table("payments")
