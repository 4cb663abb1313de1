"""Every table of the first version: cases and their log, people and chats, inbox and outbox, deadlines.

Cost: nothing, it runs on an empty database.
Way back: drops every table and with them everything that the town has told. Make a backup first.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


_UNSENT = "state = 'ready' AND carrier IS NOT NULL"


def _partial(name: str, table: str, columns: Sequence[str], where: str, *, unique: bool = False) -> None:
    """An index over the rows for which *where* holds."""
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "appointments",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("stationed_at", sa.Text()),
        sa.PrimaryKeyConstraint("city_id", "person", "unit", "post", name="pk_appointments"),
    )
    op.create_index("ix_appointments_unit", "appointments", ["city_id", "unit"])
    op.create_table(
        "carriers",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("chat", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("city_id", "carrier", "chat", name="pk_carriers"),
    )
    op.create_index("uq_carriers_message", "carriers", ["city_id", "chat", "message_id"], unique=True)
    op.create_table(
        "cases",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("grid", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("top", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("filed_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("reporter", sa.BigInteger()),
        sa.Column("beneficiary", sa.Text()),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("holder", sa.BigInteger()),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("designated", sa.Boolean(), nullable=False),
        sa.Column("dispatched_at", sa.BigInteger()),
        sa.Column("responded_at", sa.BigInteger()),
        sa.Column("respond_due_at", sa.BigInteger()),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("resolved_at", sa.BigInteger()),
        sa.Column("archived_at", sa.BigInteger()),
        sa.Column("handler", sa.Text()),
        sa.Column("solution", sa.BigInteger()),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("rating_first", sa.Text()),
        sa.Column("rating_final", sa.Text()),
        sa.Column("judged", sa.Boolean(), nullable=False),
        sa.Column("extensions", sa.Integer(), nullable=False),
        sa.Column("suspensions", sa.Integer(), nullable=False),
        sa.Column("returned_by", sa.Text(), nullable=False),
        sa.Column("handovers", sa.Integer(), nullable=False),
        sa.Column("ruling", sa.Text()),
        sa.Column("proposed", sa.Text()),
        sa.Column("assists", sa.Text(), nullable=False),
        sa.Column("parent", sa.BigInteger()),
        sa.Column("merged_into", sa.BigInteger()),
        sa.Column("me_too", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("city_id", "id", name="pk_cases"),
    )
    _partial(
        "ix_cases_ended",
        "cases",
        ["city_id", "filed_at"],
        "reporter IS NOT NULL AND status IN ('archived', 'merged', 'refused', 'withdrawn')",
    )
    _partial(
        "ix_cases_judged",
        "cases",
        ["city_id", "unit"],
        "status = 'in_review' OR (ruling IS NOT NULL AND status NOT IN ('archived', 'merged', 'refused', 'withdrawn'))",
    )
    _partial(
        "ix_cases_open_holder",
        "cases",
        ["city_id", "holder", "due_at"],
        "status NOT IN ('archived', 'merged', 'refused', 'withdrawn')",
    )
    _partial(
        "ix_cases_open_unit",
        "cases",
        ["city_id", "unit", "due_at"],
        "status NOT IN ('archived', 'merged', 'refused', 'withdrawn')",
    )
    _partial("ix_cases_parent", "cases", ["city_id", "parent"], "parent IS NOT NULL")
    op.create_index("ix_cases_reporter", "cases", ["city_id", "reporter", "id"])
    op.create_index("uq_cases_number", "cases", ["city_id", "number"], unique=True)
    op.create_table(
        "chat_aliases",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("bot", sa.BigInteger(), nullable=False),
        sa.Column("telegram_id", sa.BigInteger(), nullable=False),
        sa.Column("chat", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("city_id", "bot", "telegram_id", name="pk_chat_aliases"),
    )
    op.create_table(
        "chats",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("bot", sa.BigInteger(), nullable=False),
        sa.Column("telegram_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text()),
        sa.Column("lang", sa.Text()),
        sa.PrimaryKeyConstraint("city_id", "id", name="pk_chats"),
    )
    op.create_index("ix_chats_telegram_id", "chats", ["city_id", "telegram_id"])
    op.create_index("uq_chats_telegram", "chats", ["city_id", "bot", "telegram_id"], unique=True)
    _partial("uq_chats_unit", "chats", ["city_id", "unit", "kind"], "unit IS NOT NULL", unique=True)
    op.create_table(
        "codes",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger()),
        sa.Column("once", sa.Boolean(), nullable=False),
        sa.Column("used_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("city_id", "digest", name="pk_codes"),
    )
    op.create_table(
        "counters",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("counter", sa.Text(), nullable=False),
        sa.Column("window_start", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("city_id", "counter", name="pk_counters"),
    )
    op.create_table(
        "drafts",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("chat", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("city_id", "key", name="pk_drafts"),
    )
    op.create_index("ix_drafts_person", "drafts", ["city_id", "person"])
    op.create_index("ix_drafts_step", "drafts", ["city_id", "step", "at"])
    op.create_table(
        "halts",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("city_id", "scope", name="pk_halts"),
    )
    op.create_table(
        "households",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("grid", sa.Text(), nullable=False),
        sa.Column("building", sa.Text(), nullable=False),
        sa.Column("unit_no", sa.Text(), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("door_code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("city_id", "code", name="pk_households"),
    )
    op.create_index("ix_households_grid", "households", ["city_id", "grid"])
    op.create_index("uq_households_door_code", "households", ["city_id", "door_code"], unique=True)
    op.create_table(
        "inbox",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("bot", sa.BigInteger(), nullable=False),
        sa.Column("update_id", sa.BigInteger(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary()),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("finished_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("city_id", "bot", "update_id", name="pk_inbox"),
    )
    _partial("ix_inbox_done", "inbox", ["city_id", "finished_at"], "state = 'done'")
    _partial("ix_inbox_pending", "inbox", ["city_id", "received_at", "update_id"], "state = 'pending'")
    _partial("ix_inbox_poison", "inbox", ["city_id", "received_at"], "state = 'poison'")
    op.create_table(
        "log",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("city_id", "case_id", "seq", name="pk_log"),
    )
    op.create_table(
        "marks",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("city_id", "mark", name="pk_marks"),
    )
    op.create_table(
        "members",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("household", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("city_id", "person", name="pk_members"),
    )
    op.create_index("ix_members_household", "members", ["city_id", "household"])
    op.create_table(
        "outbox",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("bot", sa.BigInteger(), nullable=False),
        sa.Column("chat", sa.BigInteger(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("carrier", sa.Text()),
        sa.Column("not_after", sa.BigInteger()),
        sa.Column("doubt", sa.Text(), nullable=False),
        sa.Column("reply_to", sa.BigInteger()),
        sa.Column("pin", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("doubts", sa.Integer(), nullable=False),
        sa.Column("ready_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger()),
        sa.Column("finished_at", sa.BigInteger()),
        sa.Column("message_id", sa.BigInteger()),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("city_id", "id", name="pk_outbox"),
    )
    _partial("ix_outbox_expiry", "outbox", ["city_id", "not_after"], "state = 'ready' AND not_after IS NOT NULL")
    _partial("ix_outbox_live", "outbox", ["city_id", "chat", "lane", "id"], "state IN ('ready', 'sending')")
    _partial("ix_outbox_ready", "outbox", ["city_id", "bot", "lane", "id"], "state = 'ready'")
    _partial("ix_outbox_sending", "outbox", ["city_id", "chat"], "state = 'sending'")
    _partial("ix_outbox_finished", "outbox", ["city_id", "finished_at"], "finished_at IS NOT NULL")
    _partial(
        "uq_outbox_carrier",
        "outbox",
        ["city_id", "carrier", "chat"],
        "state = 'ready' AND carrier IS NOT NULL",
        unique=True,
    )
    op.create_index("uq_outbox_key", "outbox", ["city_id", "key"], unique=True)
    op.create_table(
        "people",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("telegram_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text()),
        sa.Column("chosen_lang", sa.Text()),
        sa.PrimaryKeyConstraint("city_id", "id", name="pk_people"),
    )
    op.create_index("uq_people_telegram", "people", ["city_id", "telegram_id"], unique=True)
    op.create_table(
        "prompts",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("chat", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger()),
        sa.PrimaryKeyConstraint("city_id", "key", name="pk_prompts"),
    )
    op.create_index("ix_prompts_person", "prompts", ["city_id", "person", "chat", "at"])
    op.create_index("ix_prompts_case", "prompts", ["city_id", "case_id"])
    op.create_table(
        "settings",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("city_id", "key", name="pk_settings"),
    )
    op.create_table(
        "timers",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger()),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("paused_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("city_id", "case_id", "kind", "unit", name="pk_timers"),
    )
    _partial("ix_timers_next", "timers", ["city_id", "next_at"], "next_at IS NOT NULL")
    op.create_table(
        "units",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("buildings", sa.Text(), nullable=False),
        sa.Column("bounds", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("quiet_offer", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("city_id", "code", name="pk_units"),
    )
    op.create_index("ix_units_parent", "units", ["city_id", "parent"])
    op.create_table(
        "words",
        sa.Column("city_id", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("author", sa.BigInteger()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("chat", sa.BigInteger()),
        sa.Column("message_id", sa.BigInteger()),
        sa.Column("erased", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("city_id", "id", name="pk_words"),
    )
    op.create_index("ix_words_author", "words", ["city_id", "author"])
    op.create_index("ix_words_case", "words", ["city_id", "case_id", "id"])
    _partial("ix_words_kept", "words", ["city_id", "at"], "erased = false")
    _partial("ix_words_message", "words", ["city_id", "chat", "message_id", "id"], "message_id IS NOT NULL")


def downgrade() -> None:
    """Drop them."""
    for table in (
        "appointments",
        "carriers",
        "cases",
        "chat_aliases",
        "chats",
        "codes",
        "counters",
        "drafts",
        "halts",
        "households",
        "inbox",
        "log",
        "marks",
        "members",
        "outbox",
        "people",
        "prompts",
        "settings",
        "timers",
        "units",
        "words",
    ):
        op.drop_table(table)
