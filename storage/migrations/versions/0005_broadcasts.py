"""Broadcasts, the chats they go to, and the answers of households.

Cost: nothing, the tables are new and empty.
Way back: drops them and with them every broadcast and every answer. Make a backup first.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _partial(name: str, table: str, columns: Sequence[str], where: str) -> None:
    """An index over the rows for which *where* holds."""
    condition = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "broadcasts",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("author", sa.BigInteger()),
        sa.Column("chat", sa.BigInteger(), nullable=False),
        sa.Column("drafted_at", sa.BigInteger(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("level", sa.Text()),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("alert", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("receipts", sa.Boolean(), nullable=False),
        sa.Column("window_s", sa.Integer(), nullable=False),
        sa.Column("send_at", sa.BigInteger()),
        sa.Column("repeat_s", sa.Integer()),
        sa.Column("expires_at", sa.BigInteger()),
        sa.Column("submitted_at", sa.BigInteger()),
        sa.Column("approver", sa.BigInteger()),
        sa.Column("begun_at", sa.BigInteger()),
        sa.Column("sent_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("next_at", sa.BigInteger()),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("first", sa.BigInteger()),
        sa.Column("updates", sa.BigInteger()),
        sa.Column("carried", sa.Boolean(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("city_id", "id", name="pk_broadcasts"),
    )
    _partial("ix_broadcasts_first", "broadcasts", ["city_id", "first"], "first IS NOT NULL")
    _partial("ix_broadcasts_next", "broadcasts", ["city_id", "next_at"], "next_at IS NOT NULL")
    _partial("ix_broadcasts_origin", "broadcasts", ["city_id", "origin"], "origin <> ''")
    op.create_index("ix_broadcasts_unit", "broadcasts", ["city_id", "unit", "id"])
    op.create_index("uq_broadcasts_number", "broadcasts", ["city_id", "number"], unique=True)
    op.create_table(
        "helps",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("broadcast", sa.BigInteger(), nullable=False),
        sa.Column("asker", sa.Text(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("city_id", "broadcast", "asker", "turn", name="pk_helps"),
    )
    op.create_index("ix_helps_case", "helps", ["city_id", "case_id"])
    op.create_table(
        "receipts",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("broadcast", sa.BigInteger(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("at", sa.BigInteger()),
        sa.Column("by", sa.BigInteger()),
        sa.PrimaryKeyConstraint("city_id", "broadcast", "asked", name="pk_receipts"),
    )
    _partial("ix_receipts_by", "receipts", ["city_id", "by"], "by IS NOT NULL")
    op.create_index("ix_receipts_place", "receipts", ["city_id", "broadcast", "place"])
    op.create_table(
        "strangers",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("broadcast", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("city_id", "broadcast", "person", name="pk_strangers"),
    )
    op.create_table(
        "targets",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("broadcast", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("grid", sa.Text(), nullable=False),
        sa.Column("chat", sa.BigInteger()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger()),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("pressed", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("unbound", sa.Integer(), nullable=False),
        sa.Column("helps", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("city_id", "broadcast", "place", name="pk_targets"),
    )
    _partial("ix_targets_changed", "targets", ["city_id", "broadcast"], "pressed + told <> shown")
    op.create_index("ix_targets_grid", "targets", ["city_id", "grid", "broadcast"])
    op.create_index("ix_targets_state", "targets", ["city_id", "broadcast", "state", "place"])


def downgrade() -> None:
    """Drop them."""
    for table in ("broadcasts", "helps", "receipts", "strangers", "targets"):
        op.drop_table(table)
