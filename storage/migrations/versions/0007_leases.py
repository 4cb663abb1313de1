"""Leases: which programs work on the database and what each of them holds, and the inbox by chat for sharing it.

Cost: the tables are new and empty; the index is built over the updates that wait, which are few.
Way back: drops them; run no second program on the database then.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_WAITS = "state = 'pending'"


def upgrade() -> None:
    """Make the tables and the index."""
    op.create_table(
        "leases",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("node", sa.Integer(), nullable=False),
        sa.Column("program", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("city_id", "epoch", name="pk_leases"),
    )
    op.create_index("uq_leases_node", "leases", ["city_id", "node"], unique=True)
    op.create_table(
        "holdings",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("thing", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("city_id", "thing", name="pk_holdings"),
    )
    op.create_index("ix_holdings_epoch", "holdings", ["city_id", "epoch"])
    op.create_index(
        "ix_inbox_chat",
        "inbox",
        ["city_id", "queue", "update_id"],
        sqlite_where=sa.text(_WAITS),
        postgresql_where=sa.text(_WAITS),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_inbox_chat", "inbox")
    op.drop_table("holdings")
    op.drop_table("leases")
