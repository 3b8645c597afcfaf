"""Open the ledger: accounts, journals, postings, what closes a day, and settlements."""

import sqlalchemy as sa
from alembic import op
from station.core.db import Encrypted, UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade():
    _create_ledger_accounts()
    _create_journals()
    _create_postings()
    _create_journal_notes()
    _create_ledger_closes()
    _create_drawer_counts()
    _create_ledger_rules()
    _create_settlements()


def _create_ledger_accounts():
    op.create_table(
        "ledger_accounts",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("owner", sa.String(length=24), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.CheckConstraint(
            "kind in ('cash', 'card', 'provider', 'bank', 'resident', 'supplier', 'station', 'commission', 'services', 'storage_fees', 'provider_fees', 'waste', 'differences', 'opening')",
            name=op.f("ck_ledger_accounts_kind"),
        ),
        sa.CheckConstraint(
            "(kind in ('provider', 'resident', 'station', 'supplier')) = (owner <> '')",
            name=op.f("ck_ledger_accounts_owner"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_ledger_accounts_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_ledger_accounts")),
        sa.UniqueConstraint(
            "station_id",
            "kind",
            "owner",
            "currency",
            name=op.f("uq_ledger_accounts_station_id_kind_owner_currency"),
        ),
        sa.UniqueConstraint(
            "station_id", "id", "currency", name=op.f("uq_ledger_accounts_station_id_id_currency")
        ),
        sqlite_with_rowid=False,
    )


def _create_journals():
    op.create_table(
        "journals",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("refers_to", sa.String(length=48), nullable=True),
        sa.Column("reverses_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'reversal') = (reverses_id is not null)", name=op.f("ck_journals_reverses")
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "reverses_id"],
            ["journals.station_id", "journals.id"],
            name=op.f("fk_journals_station_id_reverses_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_journals_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_journals")),
        sa.UniqueConstraint("station_id", "key", name=op.f("uq_journals_station_id_key")),
        sa.UniqueConstraint("station_id", "reverses_id", name=op.f("uq_journals_station_id_reverses_id")),
        sa.UniqueConstraint(
            "station_id", "id", "day", "currency", name=op.f("uq_journals_station_id_id_day_currency")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_journals_station_id_day_id", "journals", ["station_id", "day", "id"])
    op.create_index("ix_journals_station_id_refers_to", "journals", ["station_id", "refers_to"])


def _create_postings():
    op.create_table(
        "postings",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("journal_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("debit_account_id", sa.BigInteger(), nullable=False),
        sa.Column("credit_account_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_postings_amount")),
        sa.CheckConstraint("debit_account_id <> credit_account_id", name=op.f("ck_postings_accounts")),
        sa.ForeignKeyConstraint(
            ["station_id", "journal_id", "day", "currency"],
            ["journals.station_id", "journals.id", "journals.day", "journals.currency"],
            name=op.f("fk_postings_station_id_journal_id_day_currency"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "debit_account_id", "currency"],
            ["ledger_accounts.station_id", "ledger_accounts.id", "ledger_accounts.currency"],
            name=op.f("fk_postings_station_id_debit_account_id_currency"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "credit_account_id", "currency"],
            ["ledger_accounts.station_id", "ledger_accounts.id", "ledger_accounts.currency"],
            name=op.f("fk_postings_station_id_credit_account_id_currency"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_postings_station_id")),
        sa.PrimaryKeyConstraint("station_id", "journal_id", "line", name=op.f("pk_postings")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_postings_credit", "postings", ["station_id", "credit_account_id", "day", "journal_id", "line"]
    )
    op.create_index(
        "ix_postings_debit", "postings", ["station_id", "debit_account_id", "day", "journal_id", "line"]
    )


def _create_journal_notes():
    op.create_table(
        "journal_notes",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("journal_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("text", Encrypted(), nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id", "journal_id"],
            ["journals.station_id", "journals.id"],
            name=op.f("fk_journal_notes_station_id_journal_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_journal_notes_station_id")),
        sa.PrimaryKeyConstraint("station_id", "journal_id", name=op.f("pk_journal_notes")),
        sqlite_with_rowid=False,
    )


def _create_ledger_closes():
    op.create_table(
        "ledger_closes",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=False),
        sa.Column("closed_by", sa.String(length=40), nullable=False),
        sa.Column("journals", sa.Integer(), nullable=False),
        sa.Column("balances", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_ledger_closes_station_id")),
        sa.PrimaryKeyConstraint("station_id", "day", name=op.f("pk_ledger_closes")),
        sqlite_with_rowid=False,
    )


def _create_drawer_counts():
    op.create_table(
        "drawer_counts",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("counted_minor", sa.BigInteger(), nullable=False),
        sa.Column("expected_minor", sa.BigInteger(), nullable=False),
        sa.Column("journal_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("counted_minor >= 0", name=op.f("ck_drawer_counts_counted")),
        sa.CheckConstraint(
            "(counted_minor = expected_minor) = (journal_id is null)",
            name=op.f("ck_drawer_counts_difference"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "journal_id"],
            ["journals.station_id", "journals.id"],
            name=op.f("fk_drawer_counts_station_id_journal_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_drawer_counts_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_drawer_counts")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_drawer_counts_station_id_day_id", "drawer_counts", ["station_id", "day", "id"])


def _create_ledger_rules():
    op.create_table(
        "ledger_rules",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("storage_fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("storage_free_days", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("storage_fee_minor >= 0", name=op.f("ck_ledger_rules_fee")),
        sa.CheckConstraint("storage_free_days >= 0", name=op.f("ck_ledger_rules_days")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_ledger_rules_station_id")),
        sa.PrimaryKeyConstraint("station_id", name=op.f("pk_ledger_rules")),
        sqlite_with_rowid=False,
    )


def _create_settlements():
    op.create_table(
        "settlements",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("owner", sa.String(length=24), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("owed_minor", sa.BigInteger(), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("journal_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint("kind in ('station', 'supplier')", name=op.f("ck_settlements_kind")),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_settlements_period")),
        sa.CheckConstraint("paid_minor >= 0", name=op.f("ck_settlements_paid")),
        sa.CheckConstraint("(paid_minor = 0) = (journal_id is null)", name=op.f("ck_settlements_journal")),
        sa.ForeignKeyConstraint(
            ["station_id", "journal_id"],
            ["journals.station_id", "journals.id"],
            name=op.f("fk_settlements_station_id_journal_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_settlements_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_settlements")),
        sa.UniqueConstraint(
            "station_id",
            "kind",
            "owner",
            "currency",
            "first_day",
            "last_day",
            name=op.f("uq_settlements_period"),
        ),
        sqlite_with_rowid=False,
    )


def downgrade():
    op.drop_table("settlements")
    op.drop_table("ledger_rules")
    op.drop_table("drawer_counts")
    op.drop_table("ledger_closes")
    op.drop_table("journal_notes")
    op.drop_table("postings")
    op.drop_table("journals")
    op.drop_table("ledger_accounts")
