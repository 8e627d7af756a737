"""The images of a pool come in batches, of which more may be added and taken back."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, with one batch for each project of a person's own images."""
    batch = op.create_table(
        "batch",
        sa.Column("project_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("import_name", sa.String(32), nullable=False),
        sa.Column("items", sa.Integer, nullable=False),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("added_at", sa.Double, nullable=False),
        sa.Column("taken_back_at", sa.Double),
        sa.CheckConstraint("items >= 0", name=op.f("ck_batch_items")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_batch_project_id_project")
        ),
        sa.PrimaryKeyConstraint("project_id", "number", name=op.f("pk_batch")),
    )
    query = sa.text("SELECT id, detector, pool_size, created_at FROM project")
    for row in op.get_bind().execute(query).all():
        settings = json.loads(row.detector) if isinstance(row.detector, str) else row.detector
        if settings.get("images") is not None:
            begun = {
                "project_id": row.id,
                "number": 0,
                "import_name": settings["images"]["name"],
                "items": row.pool_size or 0,
                "complete": True,
                "added_at": row.created_at,
            }
            op.get_bind().execute(batch.insert().values(begun))


def downgrade() -> None:
    """Refused: going back would mix up what was added and taken back."""
    raise NotImplementedError("The schema before this one cannot hold what is stored.")
