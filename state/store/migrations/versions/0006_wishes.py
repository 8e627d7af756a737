"""Wishes: items that somebody has put in front on a desk."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of wishes; what is stored stays as it is."""
    op.create_table(
        "wish",
        sa.Column("id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("project_id", sa.Integer, nullable=False),
        sa.Column("annotator_id", sa.Integer, nullable=False),
        sa.Column("item", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_wish_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["annotator_id"], ["annotator.id"], name=op.f("fk_wish_annotator_id_annotator")
        ),
        sa.UniqueConstraint(
            "project_id", "annotator_id", "item", name=op.f("uq_wish_project_id_annotator_id_item")
        ),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Refused: going back would drop what people have put in front."""
    raise NotImplementedError("The schema before this one cannot hold what is stored.")
