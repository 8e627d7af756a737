"""Promotions: who has put which model version to the desk or into production, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of promotions; what is stored stays as it is."""
    op.create_table(
        "promotion",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("project_id", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("author", sa.String(255), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotion")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_promotion_project_id_project")
        ),
        sa.CheckConstraint("purpose IN ('desk', 'production')", name=op.f("ck_promotion_purpose")),
    )
    op.create_index(op.f("ix_promotion_project_id"), "promotion", ["project_id"])


def downgrade() -> None:
    """Refused: going back would drop who has named which version."""
    raise NotImplementedError("The schema before this one cannot hold what is stored.")
