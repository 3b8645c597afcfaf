"""Keep what carriers pay for parcels, and let the ledger know accounts of carriers."""

import sqlalchemy as sa
from alembic import op
from station.core.db import UtcDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

# Rules of columns before and now: table, name, and the words of both.
RULES = (
    (
        "ledger_accounts",
        "kind",
        "kind in ('cash', 'card', 'provider', 'bank', 'resident', 'supplier', 'station', 'commission', 'services', "
        "'storage_fees', 'provider_fees', 'waste', 'differences', 'opening')",
        "kind in ('cash', 'card', 'provider', 'bank', 'resident', 'supplier', 'station', 'carrier', 'commission', "
        "'services', 'storage_fees', 'parcel_fees', 'provider_fees', 'fines', 'waste', 'differences', 'opening')",
    ),
    (
        "ledger_accounts",
        "owner",
        "(kind in ('provider', 'resident', 'station', 'supplier')) = (owner <> '')",
        "(kind in ('carrier', 'provider', 'resident', 'station', 'supplier')) = (owner <> '')",
    ),
    ("settlements", "kind", "kind in ('station', 'supplier')", "kind in ('carrier', 'station', 'supplier')"),
)


def upgrade():
    for table, name, before, now in RULES:
        _change_rule(table, name, before, now)
    _create_parcel_fees()
    _create_parcel_fee_counts()


def _change_rule(table, name, before, now):
    constraint = f"ck_{table}_{name}"
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(constraint, table)
        op.create_check_constraint(op.f(constraint), table, now)
    else:
        _change_words(table, f"{constraint} CHECK ({before})", f"{constraint} CHECK ({now})")


def _change_words(table, before, now):
    """Change a rule where SQLite keeps it: postings point at the table, so it cannot be made anew while in use.

    The way is SQLite's own for changes that leave the rows as they are: sqlite.org/lang_altertable.html, section 7.
    """
    bind = op.get_bind()
    version = bind.scalar(sa.text("PRAGMA schema_version"))
    op.execute("PRAGMA writable_schema = ON")
    changed = bind.execute(
        sa.text(
            "UPDATE sqlite_schema SET sql = replace(sql, :before, :now) "
            "WHERE type = 'table' AND name = :table AND instr(sql, :before)"
        ),
        {"table": table, "before": before, "now": now},
    )
    if changed.rowcount != 1:
        raise RuntimeError(f"{table}: its rule is not what this migration knows: {before}")
    op.execute(f"PRAGMA schema_version = {version + 1}")
    op.execute("PRAGMA writable_schema = OFF")


def _create_parcel_fees():
    op.create_table(
        "parcel_fees",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("carrier", sa.String(length=12), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("earned_by", sa.String(length=12), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.Column("set_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint("fee_minor >= 0", name=op.f("ck_parcel_fees_fee")),
        sa.CheckConstraint(
            "earned_by in ('checked_in', 'handed_over')", name=op.f("ck_parcel_fees_earned_by")
        ),
        sa.ForeignKeyConstraint(["carrier"], ["carriers.code"], name=op.f("fk_parcel_fees_carrier")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_parcel_fees_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_parcel_fees")),
        sqlite_with_rowid=False,
    )


def _create_parcel_fee_counts():
    op.create_table(
        "parcel_fee_counts",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("fee_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("parcels", sa.Integer(), nullable=False),
        sa.Column("journal_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("parcels <> 0", name=op.f("ck_parcel_fee_counts_parcels")),
        sa.ForeignKeyConstraint(
            ["station_id", "fee_id"],
            ["parcel_fees.station_id", "parcel_fees.id"],
            name=op.f("fk_parcel_fee_counts_station_id_fee_id"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "journal_id"],
            ["journals.station_id", "journals.id"],
            name=op.f("fk_parcel_fee_counts_station_id_journal_id"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name=op.f("fk_parcel_fee_counts_station_id")
        ),
        sa.PrimaryKeyConstraint("station_id", "day", "fee_id", "line", name=op.f("pk_parcel_fee_counts")),
        sqlite_with_rowid=False,
    )


def downgrade():
    op.drop_table("parcel_fee_counts")
    op.drop_table("parcel_fees")
    for table, name, before, now in reversed(RULES):
        _change_rule(table, name, now, before)
