"""The last number that a project was given is remembered, so that none is given twice."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, with the highest number that is known of, also of projects that are gone."""
    table = op.create_table(
        "last_number",
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("what", name=op.f("pk_last_number")),
        sa.CheckConstraint("number >= 0", name=op.f("ck_last_number_number")),
    )
    op.bulk_insert(table, [{"what": "project", "number": _highest()}])


def downgrade() -> None:
    """Refused: going back would give numbers of erased projects again."""
    raise NotImplementedError("The schema before this one cannot hold what is stored.")


def _highest() -> int:
    """The log of deeds and PostgreSQL's sequence know of erased projects, too."""
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    queries = (
        "SELECT max(id) FROM project",
        "SELECT max(project) FROM audit_log",
        "SELECT CASE WHEN is_called THEN last_value END FROM project_id_seq"
        if on_postgresql
        else "SELECT max(seq) FROM sqlite_sequence WHERE name = 'project'",
    )
    return max(int(op.get_bind().scalar(sa.text(query)) or 0) for query in queries)
