"""Split cases and meetings.

Cost: nothing, it changes no table yet.
Way back: nothing to undo.
"""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change nothing."""


def downgrade() -> None:
    """Change nothing."""
