"""Tasks, roll-calls, plans and emergencies.

Cost: nothing, the tables are new and empty.
Way back: drops them and with them every task, roll-call and plan. Make a backup first.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_LIVE = "state IN ('asked', 'on')"


def _partial(name: str, table: str, columns: Sequence[str], where: str, *, unique: bool = False) -> None:
    """An index over the rows for which *where* holds."""
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    """Make the tables and the mark of units in emergency mode."""
    op.add_column("units", sa.Column("emergency", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "tasks",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("author", sa.BigInteger(), nullable=False),
        sa.Column("chat", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger()),
        sa.Column("run", sa.BigInteger()),
        sa.Column("withdrawn_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("city_id", "id", name="pk_tasks"),
    )
    _partial("ix_tasks_next", "tasks", ["city_id", "next_at"], "next_at IS NOT NULL")
    op.create_index("uq_tasks_number", "tasks", ["city_id", "number"], unique=True)
    op.create_table(
        "doers",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("task", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("chat", sa.BigInteger()),
        sa.Column("accepted_at", sa.BigInteger()),
        sa.Column("done_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("city_id", "task", "person", name="pk_doers"),
    )
    op.create_table(
        "rollcalls",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("author", sa.BigInteger(), nullable=False),
        sa.Column("chat", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("questions", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closes_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger()),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("purge_at", sa.BigInteger()),
        sa.Column("run", sa.BigInteger()),
        sa.PrimaryKeyConstraint("city_id", "id", name="pk_rollcalls"),
    )
    _partial("ix_rollcalls_next", "rollcalls", ["city_id", "next_at"], "next_at IS NOT NULL")
    op.create_index("uq_rollcalls_number", "rollcalls", ["city_id", "number"], unique=True)
    op.create_table(
        "seats",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("rollcall", sa.BigInteger(), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("household", sa.Text(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger()),
        sa.Column("by", sa.BigInteger()),
        sa.Column("runner", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("city_id", "rollcall", "seat", name="pk_seats"),
    )
    op.create_index("ix_seats_place", "seats", ["city_id", "rollcall", "place", "seat"])
    op.create_index("uq_seats_household", "seats", ["city_id", "rollcall", "household"], unique=True)
    op.create_table(
        "plans",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("city_id", "code", name="pk_plans"),
    )
    op.create_table(
        "runs",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("chat", sa.BigInteger(), nullable=False),
        sa.Column("approver", sa.BigInteger()),
        sa.Column("begun_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("city_id", "id", name="pk_runs"),
    )
    _partial("uq_runs_live", "runs", ["city_id", "plan", "unit"], _LIVE, unique=True)
    op.create_table(
        "emergencies",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("chat", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approver", sa.BigInteger()),
        sa.Column("begun_at", sa.BigInteger()),
        sa.Column("ended_by", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("turning", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("city_id", "id", name="pk_emergencies"),
    )
    _partial("ix_emergencies_turning", "emergencies", ["city_id", "id"], "turning")
    _partial("uq_emergencies_live", "emergencies", ["city_id", "unit"], _LIVE, unique=True)


def downgrade() -> None:
    """Drop them."""
    op.drop_column("units", "emergency")
    for table in ("tasks", "doers", "rollcalls", "seats", "plans", "runs", "emergencies"):
        op.drop_table(table)
