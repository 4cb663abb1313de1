"""${message}.

Cost: say how long it locks which table at a million cases.
Way back: say what a downgrade loses.
"""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go there."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Come back."""
    ${downgrades if downgrades else "pass"}
