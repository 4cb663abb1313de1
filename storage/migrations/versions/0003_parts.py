"""Find the cases that were merged into one, whose reporters hear how it ends.

Cost: one pass over the cases to build an index of the merged ones; the table is read, not rewritten.
Way back: the index is dropped, no row is lost.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MERGED = "merged_into IS NOT NULL"


def upgrade() -> None:
    """Build the index."""
    op.create_index(
        "ix_cases_merged",
        "cases",
        ["city_id", "merged_into"],
        sqlite_where=sa.text(MERGED),
        postgresql_where=sa.text(MERGED),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_cases_merged", table_name="cases")
