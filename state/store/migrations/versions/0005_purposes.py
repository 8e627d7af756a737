"""Saved thresholds know what they were chosen for, and by which evidence."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COLUMNS = (("purpose", sa.Text()), ("basis", sa.String(16)), ("data_hash", sa.String(64)))


def upgrade() -> None:
    """Add three columns, empty for what is stored."""
    with op.batch_alter_table("operating_point") as table:
        for name, kind in COLUMNS:
            table.add_column(sa.Column(name, kind))


def downgrade() -> None:
    """Refused: going back would drop what was written down."""
    raise NotImplementedError("The schema before this one cannot hold what is stored.")
