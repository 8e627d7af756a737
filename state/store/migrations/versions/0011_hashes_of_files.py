"""A model version knows what all of its files hash to."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, empty for what is stored: of those only the weights have a hash."""
    with op.batch_alter_table("model") as table:
        table.add_column(sa.Column("files", sa.JSON(none_as_null=True)))


def downgrade() -> None:
    """Refused: going back would forget what the files have to be."""
    raise NotImplementedError("The schema before this one cannot hold what is stored.")
