"""An append-only log of what people changed that is no answer."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; what was done before is not known."""
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("annotator_id", sa.Integer),
        sa.Column("who", sa.String(255), nullable=False),
        sa.Column("what", sa.String(64), nullable=False),
        sa.Column("project", sa.Integer),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
        sa.ForeignKeyConstraint(
            ["annotator_id"], ["annotator.id"], name=op.f("fk_audit_log_annotator_id_annotator")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audit_log_project"), "audit_log", ["project"])


def downgrade() -> None:
    """Refused: going back would forget who did what."""
    raise NotImplementedError("The schema before this one cannot hold what is stored.")
