"""Keep what payments at the counter and the drawer need."""

import sqlalchemy as sa
from alembic import op
from station.core.db import UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# Columns of the drawer and of settlements, each with its check: what was there before stays as it was.
BOOKS = (
    (
        "drawer_counts",
        "moment",
        "VARCHAR(8) DEFAULT 'check' NOT NULL",
        "moment in ('check', 'close', 'open')",
    ),
    ("ledger_rules", "float_minor", "BIGINT DEFAULT '0' NOT NULL", "float_minor >= 0"),
    ("settlements", "received_minor", "BIGINT DEFAULT '0' NOT NULL", "received_minor >= 0"),
    ("settlements", "reference", "VARCHAR(64) DEFAULT '' NOT NULL", "length(reference) <= 64"),
)


# What a counter shows for a payment and when its provider was asked last; what providers keep for themselves.
def _columns_of_payments():
    return (
        ("payments", sa.Column("code", sa.String(length=512), nullable=True)),
        ("payments", sa.Column("looked_at", UtcDateTime(), nullable=True)),
        ("reconciliations", sa.Column("paid_minor", sa.BigInteger(), nullable=True)),
        ("reconciliations", sa.Column("back_minor", sa.BigInteger(), nullable=True)),
        ("reconciliations", sa.Column("fees_minor", sa.BigInteger(), nullable=True)),
        ("reconciliation_lines", sa.Column("fee_minor", sa.BigInteger(), server_default="0", nullable=False)),
        ("test_movements", sa.Column("fee_minor", sa.BigInteger(), server_default="0", nullable=False)),
    )


def upgrade():
    for table, column in _columns_of_payments():
        op.add_column(table, column)
    _add_to_the_books()


def _add_to_the_books():
    # In words both databases know: a check that comes with its column needs no new table on SQLite.
    for table, column, kind, rule in BOOKS:
        named = f"CONSTRAINT ck_{table}_{column} CHECK ({rule})"
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind} {named}")


def downgrade():
    _take_from_the_books()
    for table, column in reversed(_columns_of_payments()):
        op.drop_column(table, column.name)


def _take_from_the_books():
    for table, column, _kind, _rule in reversed(BOOKS):
        if op.get_bind().dialect.name == "postgresql":
            op.drop_constraint(f"ck_{table}_{column}", table)
        op.drop_column(table, column)
