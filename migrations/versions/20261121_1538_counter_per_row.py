"""Let each row count through its own numbers, erase what refused scans held, and encrypt pictures that were stored before.

Also drops what was never shown (`attachments.note`) and gives two indexes the state their condition names.
"""

import sqlalchemy as sa
from alembic import op
from station.core import crypto
from station.core.db import Encrypted

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

PICTURES = sa.table(
    "attachments",
    sa.column("station_id", sa.BigInteger),
    sa.column("id", sa.BigInteger),
    sa.column("content", sa.LargeBinary),
)
CONDITIONS = {
    "ix_parcels_overdue": "state = 'stored' and level in ('overdue', 'alert', 'return')",
    "ix_parcels_troubled": (
        "state in ('stored', 'returning', 'lost')"
        " and (problem is not null or hold_reason is not null or write_off_by is not null)"
    ),
}


def upgrade():
    # In words both databases know: a check that comes with its column needs no new table on SQLite.
    op.execute(
        "ALTER TABLE layers ADD COLUMN counter_space INTEGER DEFAULT '999' NOT NULL"
        " CONSTRAINT ck_layers_counter_space CHECK (counter_space > 0)"
    )
    op.execute(
        "UPDATE layers SET counter_space = (SELECT CASE WHEN s.counter_space > layers.capacity"
        " THEN s.counter_space ELSE layers.capacity END"
        " FROM station_settings s WHERE s.station_id = layers.station_id)"
    )
    op.drop_column("station_settings", "counter_space")
    op.drop_column("attachments", "note")
    _raw_may_be_missing(nullable=True)
    _index_parcels("station_id", "state", "stored_at", "id")
    _each_picture(lambda content: content if content[:1] == crypto.FORMAT else crypto.encrypt_bytes(content))


def downgrade():
    _each_picture(crypto.decrypt_bytes)
    _index_parcels("station_id", "stored_at", "id")
    op.execute(
        sa.text("DELETE FROM refused_scans WHERE raw IS NULL")
    )  # erased: there is nothing to go back to
    _raw_may_be_missing(nullable=False)
    op.add_column("attachments", sa.Column("note", sa.Text(), nullable=True))
    op.add_column(
        "station_settings", sa.Column("counter_space", sa.Integer(), server_default="999", nullable=False)
    )
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("ck_layers_counter_space", "layers")
    op.drop_column("layers", "counter_space")


def _raw_may_be_missing(*, nullable):
    with op.batch_alter_table("refused_scans", table_kwargs={"sqlite_with_rowid": False}) as batch_op:
        batch_op.alter_column("raw", existing_type=Encrypted(), nullable=nullable)


def _index_parcels(*columns):
    for name, condition in CONDITIONS.items():
        op.drop_index(name, "parcels")
        where = sa.text(condition)
        op.create_index(name, "parcels", list(columns), sqlite_where=where, postgresql_where=where)


def _each_picture(turn):
    """Turn the pictures one by one: all of them at once may not fit into memory."""
    bind = op.get_bind()
    keys = sa.select(PICTURES.c.station_id, PICTURES.c.id).where(PICTURES.c.content.is_not(None))
    for station_id, picture_id in bind.execute(keys).all():
        mine = sa.and_(PICTURES.c.station_id == station_id, PICTURES.c.id == picture_id)
        content = bind.scalar(sa.select(PICTURES.c.content).where(mine))
        bind.execute(sa.update(PICTURES).where(mine).values(content=turn(bytes(content))))
