"""Keep how it stands when a counter scans the code that a payer shows."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

TIMES = {"sqlite": "BIGINT", "postgresql": "TIMESTAMP WITH TIME ZONE"}
CHECKS = {
    "scan": "scan in ('sent', 'confirm', 'refused')",
    "scanned": "(scan is null) = (scanned_at is null)",
    "scan_reason": "(scan is not null and scan = 'refused') = (scan_reason is not null)",
}


def upgrade():
    # In words both databases know: a check that comes with its column needs no new table on SQLite.
    dialect = op.get_bind().dialect.name
    checks = [f"CONSTRAINT ck_payments_{name} CHECK ({rule})" for name, rule in CHECKS.items()]
    op.execute(f"ALTER TABLE payments ADD COLUMN scan VARCHAR(10) {checks[0]}")
    op.execute(f"ALTER TABLE payments ADD COLUMN scanned_at {TIMES[dialect]} {checks[1]}")
    op.execute(f"ALTER TABLE payments ADD COLUMN scan_reason VARCHAR(64) {checks[2]}")
    op.execute(
        f"ALTER TABLE test_movements ADD COLUMN code_hash {'BLOB' if dialect == 'sqlite' else 'BYTEA'}"
    )


def downgrade():
    op.drop_column("test_movements", "code_hash")
    if op.get_bind().dialect.name == "postgresql":
        for name in CHECKS:
            op.drop_constraint(f"ck_payments_{name}", "payments")
    for column in ("scan_reason", "scanned_at", "scan"):
        op.drop_column("payments", column)
