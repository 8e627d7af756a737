"""Projects can be archived, and removed for a day before they are gone."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two columns, empty for what is stored."""
    with op.batch_alter_table("project") as table:
        for name in ("archived_at", "removed_at"):
            table.add_column(sa.Column(name, sa.Double()))


def downgrade() -> None:
    """Refused: going back would bring back what was removed."""
    raise NotImplementedError("The schema before this one cannot hold what is stored.")
