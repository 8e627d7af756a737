"""One shape for all work: jobs of trainers and runs, each in the queue of whoever may do it."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KINDS = "kind IN ('prepare', 'update', 'run')"
STATES = "state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'interrupted')"
RUNNING = sa.text("state = 'running'")
RUNS = "runs"
NAMED = ["scope", "id", "kind", "plan"]
COMMON = ["state", "progress", "message", "cancel_requested", "worker", "created_at", "started_at"]


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(column) for column in columns))


queue = _table("queue", "scope", "project_id", "last_id")
work = _table("work", *NAMED, *COMMON, "finished_at")
project = _table("project", "id")
job = _table("job", "id", "project_id", "kind", *COMMON, "heartbeat", "finished_at")
run = _table("run", "id", "plan", *COMMON, "heartbeat", "finished_at")


def upgrade() -> None:
    """Carry every job and run over under its number.

    A worker of the version before cannot report to the new tables, so that what it had begun is
    interrupted; it ends when it finds the old ones gone.
    """
    _create_queue()
    _create_work()
    _fill_queue()
    _carry_over(job, (_scope(job.c.project_id), job.c.id, job.c.kind, sa.literal({}, sa.JSON)))
    _carry_over(run, (sa.literal(RUNS), run.c.id, sa.literal("run"), run.c.plan))
    _interrupt("The trainer stopped before it was done.", work.c.scope != RUNS)
    _interrupt("It stopped before it was done; resume it, or remove it.", work.c.scope == RUNS)
    op.create_index(
        "uq_work_running",
        "work",
        ["scope"],
        unique=True,
        sqlite_where=RUNNING,
        postgresql_where=RUNNING,
    )
    for table in ("trainer", "job", "run"):
        op.drop_table(table)


def downgrade() -> None:
    """Refused: a worker of the version before would not see who works."""
    raise NotImplementedError("The schema before this one cannot hold what is stored.")


def _create_queue() -> None:
    op.create_table(
        "queue",
        sa.Column("scope", sa.String(64), nullable=False),
        sa.Column("project_id", sa.Integer),
        sa.Column("last_id", sa.Integer, nullable=False),
        sa.Column("worker", sa.Text),
        sa.Column("host", sa.Text),
        sa.Column("pid", sa.Integer),
        sa.Column("heartbeat", sa.Double),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_queue")),
        sa.UniqueConstraint("project_id", name=op.f("uq_queue_project_id")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_queue_project_id_project")
        ),
    )


def _create_work() -> None:
    op.create_table(
        "work",
        sa.Column("scope", sa.String(64), nullable=False),
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("plan", sa.JSON, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("progress", sa.Double, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("cancel_requested", sa.Boolean, nullable=False),
        sa.Column("worker", sa.Text),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("started_at", sa.Double),
        sa.Column("finished_at", sa.Double),
        sa.PrimaryKeyConstraint("scope", "id", name=op.f("pk_work")),
        sa.ForeignKeyConstraint(["scope"], ["queue.scope"], name=op.f("fk_work_scope_queue")),
        sa.CheckConstraint(KINDS, name=op.f("ck_work_kind")),
        sa.CheckConstraint(STATES, name=op.f("ck_work_state")),
    )


def _fill_queue() -> None:
    """A queue for each project and one for the runs, each with the last number it has given."""
    newest = sa.select(sa.func.coalesce(sa.func.max(job.c.id), 0)).where(
        job.c.project_id == project.c.id
    )
    of_project = sa.select(_scope(project.c.id), project.c.id, newest.scalar_subquery())
    op.execute(sa.insert(queue).from_select(["scope", "project_id", "last_id"], of_project))
    op.execute(sa.insert(queue).values(scope=RUNS, last_id=_last_run()))


def _last_run() -> int:
    """The number of the last run that was ever asked for, even if it was removed since."""
    if op.get_bind().dialect.name == "postgresql":
        query = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM run_id_seq"
    else:
        query = "SELECT max(seq) FROM sqlite_sequence WHERE name = 'run'"
    return int(op.get_bind().execute(sa.text(query)).scalar_one() or 0)


def _scope(project_id: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    return sa.literal("project-") + sa.cast(project_id, sa.String)


def _carry_over(table: sa.TableClause, named: tuple[sa.ColumnElement[Any], ...]) -> None:
    ended = sa.case(
        (table.c.state == "running", sa.func.coalesce(table.c.heartbeat, table.c.started_at)),
        else_=table.c.finished_at,
    )
    rows = sa.select(*named, *(table.c[name] for name in COMMON), ended)
    op.execute(sa.insert(work).from_select([*NAMED, *COMMON, "finished_at"], rows))


def _interrupt(message: str, chosen: sa.ColumnElement[bool]) -> None:
    began = sa.and_(work.c.state == "running", chosen)
    op.execute(sa.update(work).where(began).values(state="interrupted", message=message))
