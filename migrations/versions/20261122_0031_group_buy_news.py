"""Keep who wants to be reminded of a group buy, and what was told of late goods."""

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
