"""Keep what payments at the counter and the drawer need."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# Columns of the drawer and of settlements, each with its check: what was there before stays as it was.
BOOKS = (
    ("drawer_counts", "moment", "VARCHAR(8) DEFAULT 'check' NOT NULL", "moment in ('check', 'close', 'open')"),
    ("ledger_rules", "float_minor", "BIGINT DEFAULT '0' NOT NULL", "float_minor >= 0"),
    ("settlements", "received_minor", "BIGINT DEFAULT '0' NOT NULL", "received_minor >= 0"),
    ("settlements", "reference", "VARCHAR(64) DEFAULT '' NOT NULL", "length(reference) <= 64"),
)


def upgrade():
    _add_to_the_books()


def _add_to_the_books():
    # In words both databases know: a check that comes with its column needs no new table on SQLite.
    for table, column, kind, rule in BOOKS:
        named = f"CONSTRAINT ck_{table}_{column} CHECK ({rule})"
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind} {named}")


def downgrade():
    _take_from_the_books()


def _take_from_the_books():
    for table, column, _kind, _rule in reversed(BOOKS):
        if op.get_bind().dialect.name == "postgresql":
            op.drop_constraint(f"ck_{table}_{column}", table)
        op.drop_column(table, column)
