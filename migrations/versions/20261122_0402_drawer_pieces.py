"""Keep by which notes and coins the drawer was counted."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("drawer_counts", sa.Column("pieces", sa.Text(), server_default="", nullable=False))


def downgrade():
    op.drop_column("drawer_counts", "pieces")
