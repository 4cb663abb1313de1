"""What special grids are made of, who must stay out of a case, was given it or may rule on it, and who read what.

Cost: a table, ten columns and two indexes; instant, whatever the number of cases.
Way back: drops them. Who read what is lost; the next import of the units says again what grids are made of.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CALLING = "calling IS NOT NULL"
RULED = "ruling IS NOT NULL AND status NOT IN ('archived', 'merged', 'refused', 'withdrawn')"


def upgrade() -> None:
    """Add the columns and make the table."""
    op.add_column("units", sa.Column("venue", sa.Text()))
    op.add_column("cases", sa.Column("accepted", sa.Text()))
    for name in ("dispatcher", "calling", "told"):
        op.add_column("cases", sa.Column(name, sa.Text()))
    op.add_column("cases", sa.Column("calls", sa.Integer(), nullable=False, server_default="0"))
    for name in ("accused", "accused_people", "assigned", "rulers"):
        op.add_column("cases", sa.Column(name, sa.Text(), nullable=False, server_default="[]"))
    op.create_index(
        "ix_cases_ruled",
        "cases",
        ["city_id", "ruling"],
        sqlite_where=sa.text(RULED),
        postgresql_where=sa.text(RULED),
    )
    op.create_index(
        "ix_cases_calling",
        "cases",
        ["city_id", "calling"],
        sqlite_where=sa.text(CALLING),
        postgresql_where=sa.text(CALLING),
    )
    op.create_table(
        "readings",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("city_id", "id", name="pk_readings"),
    )
    op.create_index("ix_readings_case", "readings", ["city_id", "case_id", "id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("readings")
    op.drop_index("ix_cases_calling", table_name="cases")
    op.drop_index("ix_cases_ruled", table_name="cases")
    for name in (
        "rulers",
        "assigned",
        "accused_people",
        "accused",
        "calls",
        "told",
        "calling",
        "dispatcher",
        "accepted",
    ):
        op.drop_column("cases", name)
    op.drop_column("units", "venue")
