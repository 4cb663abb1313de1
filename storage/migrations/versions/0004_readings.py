"""What special grids are made of.

Cost: one column more on the units; instant, whatever their number.
Way back: drops it; the next import of the units says again what is lost.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("units", sa.Column("venue", sa.Text()))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("units", "venue")
