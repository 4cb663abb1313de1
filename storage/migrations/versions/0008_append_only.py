"""The log and who read what can only be added to, and what was erased leaves a receipt.

Cost: an empty table and some triggers; instant, whatever the number of cases. Adding a line costs nothing more.
Way back: drops them. The receipts are lost; nothing that was erased comes back.

SQLite drops the triggers of a table that a later migration makes anew (Alembic's batch mode): that one has to put
them back.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_KEPT_DAYS = 183  # who read what is kept for half a year at least; the log and the receipts for ever
_GUARDED = ("log", "readings", "erasures")
_SQLITE_LIMIT = f"OLD.at > (CAST(strftime('%s', 'now') AS INTEGER) - {_KEPT_DAYS} * 86400) * 1000000"
_POSTGRESQL_REFUSE = """
CREATE FUNCTION huying_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the table % can only be added to', TG_TABLE_NAME;
END $$
"""
_POSTGRESQL_KEEP = f"""
CREATE FUNCTION huying_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.at > (extract(epoch FROM now())::bigint - {_KEPT_DAYS} * 86400) * 1000000 THEN
        RAISE EXCEPTION 'the rows of % are kept for {_KEPT_DAYS} days', TG_TABLE_NAME;
    END IF;
    RETURN OLD;
END $$
"""


def upgrade() -> None:
    """Make the table of receipts and guard the tables."""
    op.create_table(
        "erasures",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("person", sa.BigInteger()),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("city_id", "seq", name="pk_erasures"),
    )
    op.create_index(
        "ix_erasures_person",
        "erasures",
        ["city_id", "person"],
        sqlite_where=sa.text("person IS NOT NULL"),
        postgresql_where=sa.text("person IS NOT NULL"),
    )
    (_guard_postgresql if op.get_bind().dialect.name == "postgresql" else _guard_sqlite)()


def _guard_sqlite() -> None:
    for table in _GUARDED:
        limit = f"WHEN {_SQLITE_LIMIT} " if table == "readings" else ""
        refuse = f"BEGIN SELECT RAISE(ABORT, 'the table {table} can only be added to'); END"
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {limit}{refuse}")


def _guard_postgresql() -> None:
    op.execute(_POSTGRESQL_REFUSE)
    op.execute(_POSTGRESQL_KEEP)
    for table in _GUARDED:
        deleting = "huying_kept" if table == "readings" else "huying_append_only"
        for what, each, does in (
            ("update", "ROW", "huying_append_only"),
            ("delete", "ROW", deleting),
            ("truncate", "STATEMENT", "huying_append_only"),
        ):
            op.execute(
                f"CREATE TRIGGER {table}_no_{what} BEFORE {what.upper()} ON {table} FOR EACH {each}"
                f" EXECUTE FUNCTION {does}()"
            )


def downgrade() -> None:
    """Drop them."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in _GUARDED:
        for what in ("update", "delete", *(["truncate"] if postgresql else [])):
            op.execute(f"DROP TRIGGER {table}_no_{what}" + (f" ON {table}" if postgresql else ""))
    op.drop_table("erasures")
    if postgresql:
        op.execute("DROP FUNCTION huying_append_only()")
        op.execute("DROP FUNCTION huying_kept()")
