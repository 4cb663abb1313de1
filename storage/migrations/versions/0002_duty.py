"""Duty rosters, what is said in one message later, and the bulletin.

Cost: nothing, three empty tables.
Way back: drops them, and with them the roster and the bulletin. Make a backup first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "shifts",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("ring_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("city_id", "unit", "person", "starts_at", name="pk_shifts"),
    )
    op.create_index("ix_shifts_person", "shifts", ["city_id", "person"])
    rings = sa.text("ring_at IS NOT NULL")
    op.create_index("ix_shifts_ring", "shifts", ["city_id", "ring_at"], sqlite_where=rings, postgresql_where=rings)
    op.create_table(
        "summaries",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("chat", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("city_id", "summary", "chat", "case_id", "key", name="pk_summaries"),
    )
    op.create_index("ix_summaries_at", "summaries", ["city_id", "at"])
    op.create_table(
        "bulletin",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
        sa.Column("entered_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("city_id", "case_id", "fault", "unit", "since_at", name="pk_bulletin"),
    )
    op.create_index("ix_bulletin_unit", "bulletin", ["city_id", "unit", "entered_at"])


def downgrade() -> None:
    """Drop them."""
    for table in ("bulletin", "summaries", "shifts"):
        op.drop_table(table)
