"""Keep manifests of parcels that go back, and the register of the unclaimable."""

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
