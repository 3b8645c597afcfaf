"""Keep a small picture beside each of a group buy's goods, for lists."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("campaign_pictures", sa.Column("small", sa.LargeBinary(), nullable=True))


def downgrade():
    op.drop_column("campaign_pictures", "small")
