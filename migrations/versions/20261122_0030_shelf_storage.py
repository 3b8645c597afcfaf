"""Let shelves say how cold they are, and the station's own bags how cold they have to be kept."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

KINDS = "('room', 'chilled', 'frozen')"
CHECKS = (
    ("shelves", "storage", f"storage in {KINDS}"),
    ("shelves", "warm_set_aside", "storage = 'room' or not is_set_aside"),
    ("parcels", "storage", f"storage in {KINDS}"),
)


def upgrade():
    # In words both databases know: a check that comes with its column needs no new table on SQLite.
    for table, kind in (("shelves", "VARCHAR(8) DEFAULT 'room' NOT NULL"), ("parcels", "VARCHAR(8)")):
        checks = [
            f"CONSTRAINT ck_{table}_{name} CHECK ({rule})" for where, name, rule in CHECKS if where == table
        ]
        op.execute(f"ALTER TABLE {table} ADD COLUMN storage {kind} {' '.join(checks)}")
    op.execute(
        "UPDATE parcels SET storage = (SELECT min(c.storage) FROM order_bags b"
        " JOIN group_orders o ON o.station_id = b.station_id AND o.id = b.order_id"
        " JOIN campaigns c ON c.station_id = o.station_id AND c.id = o.campaign_id"
        " WHERE b.point_station_id = parcels.station_id AND b.parcel_id = parcels.id)"
        " WHERE carrier = 'own'"
    )


def downgrade():
    if op.get_bind().dialect.name == "postgresql":
        for table, name, _rule in CHECKS:
            op.drop_constraint(f"ck_{table}_{name}", table)
    op.drop_column("parcels", "storage")
    op.drop_column("shelves", "storage")
