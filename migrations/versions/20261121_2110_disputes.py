"""Open cases for what a courier says they did not get."""

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade():
    """Nothing yet."""


def downgrade():
    """Nothing yet."""
