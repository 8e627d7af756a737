"""The first schema: people, projects, events, and what training leaves behind."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table, referred ones first."""
    _create_annotator()
    _create_project()
    _create_event()
    _create_job()
    _create_model()
    _create_trainer()
    _create_operating_point()


def downgrade() -> None:
    """Refused: going back from here would drop every answer."""
    raise NotImplementedError("There is no schema before the first one.")


def _project_id(table: str) -> sa.Column[int]:
    name = op.f(f"fk_{table}_project_id_project")
    return sa.Column(
        "project_id", sa.Integer, sa.ForeignKey("project.id", name=name), nullable=False
    )


def _create_annotator() -> None:
    op.create_table(
        "annotator",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annotator")),
        sa.UniqueConstraint("name", name=op.f("uq_annotator_name")),
        sa.CheckConstraint(
            "role IN ('owner', 'annotator', 'viewer')", name=op.f("ck_annotator_role")
        ),
    )


def _create_project() -> None:
    op.create_table(
        "project",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("scenario", sa.JSON, nullable=False),
        sa.Column("detector", sa.JSON, nullable=False),
        sa.Column("strategy", sa.String(64), nullable=False),
        sa.Column("budget", sa.Integer, nullable=False),
        sa.Column("spent", sa.Integer, server_default=sa.text("0"), nullable=False),
        sa.Column("batch_size", sa.Integer, nullable=False),
        sa.Column("overlap", sa.Integer, server_default=sa.text("1"), nullable=False),
        sa.Column("guidelines", sa.Text, server_default="", nullable=False),
        sa.Column("pool_size", sa.Integer),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("name", name=op.f("uq_project_name")),
        sa.CheckConstraint("budget > 0", name=op.f("ck_project_budget")),
        sa.CheckConstraint("spent >= 0 AND spent <= budget", name=op.f("ck_project_spent")),
        sa.CheckConstraint("overlap > 0", name=op.f("ck_project_overlap")),
        sa.CheckConstraint("batch_size > 0", name=op.f("ck_project_batch_size")),
    )


def _create_event() -> None:
    op.create_table(
        "event",
        sa.Column("seq", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("uuid", sa.String(36), nullable=False),
        _project_id("event"),
        sa.Column("item", sa.Integer, nullable=False),
        sa.Column(
            "annotator_id",
            sa.Integer,
            sa.ForeignKey("annotator.id", name=op.f("fk_event_annotator_id_annotator")),
            nullable=False,
        ),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("answer", sa.String(16)),
        sa.Column("undoes", sa.String(36)),
        sa.Column("model_version", sa.Integer),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("strategy", sa.String(64)),
        sa.Column("utility", sa.Double),
        sa.Column("shown_at", sa.Double),
        sa.Column("pressed_at", sa.Double, nullable=False),
        sa.Column("received_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event")),
        *_event_constraints(),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_event_project_id_item"), "event", ["project_id", "item"])
    op.create_index(op.f("ix_event_project_id_seq"), "event", ["project_id", "seq"])


def _event_constraints() -> list[sa.Constraint]:
    return [
        sa.UniqueConstraint("uuid", name=op.f("uq_event_uuid")),
        sa.UniqueConstraint("undoes", name=op.f("uq_event_undoes")),
        sa.UniqueConstraint(
            "project_id",
            "item",
            "annotator_id",
            "revision",
            name=op.f("uq_event_project_id_item_annotator_id_revision"),
        ),
        sa.CheckConstraint(
            "kind IN ('answer', 'undo', 'skip', 'flag')", name=op.f("ck_event_kind")
        ),
        sa.CheckConstraint(
            "answer IN ('normal', 'anomalous', 'unsure')", name=op.f("ck_event_answer")
        ),
        sa.CheckConstraint(
            "(kind = 'answer') = (answer IS NOT NULL)", name=op.f("ck_event_answer_given")
        ),
        sa.CheckConstraint(
            "(kind = 'undo') = (undoes IS NOT NULL)", name=op.f("ck_event_undo_named")
        ),
    ]


def _create_job() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.Integer, nullable=False),
        _project_id("job"),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("progress", sa.Double, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("cancel_requested", sa.Boolean, nullable=False),
        sa.Column("worker", sa.Text),
        sa.Column("heartbeat", sa.Double),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("started_at", sa.Double),
        sa.Column("finished_at", sa.Double),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.CheckConstraint("kind IN ('prepare', 'update')", name=op.f("ck_job_kind")),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'interrupted')",
            name=op.f("ck_job_state"),
        ),
    )
    op.create_index(op.f("ix_job_project_id"), "job", ["project_id"])


def _create_model() -> None:
    op.create_table(
        "model",
        sa.Column("id", sa.Integer, nullable=False),
        _project_id("model"),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("parent", sa.Integer),
        sa.Column("directory", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("metrics", sa.JSON, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("last_seq", sa.Integer, nullable=False),
        sa.Column("label_count", sa.Integer, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model")),
        sa.UniqueConstraint("project_id", "version", name=op.f("uq_model_project_id_version")),
    )
    op.create_index(
        op.f("uq_model_active"),
        "model",
        ["project_id"],
        unique=True,
        sqlite_where=sa.text("active"),
        postgresql_where=sa.text("active"),
    )


def _create_trainer() -> None:
    op.create_table(
        "trainer",
        _project_id("trainer"),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("heartbeat", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_trainer")),
    )


def _create_operating_point() -> None:
    op.create_table(
        "operating_point",
        sa.Column("id", sa.Integer, nullable=False),
        _project_id("operating_point"),
        sa.Column("model_version", sa.Integer, nullable=False),
        sa.Column("threshold", sa.Double, nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operating_point")),
    )
    op.create_index(op.f("ix_operating_point_project_id"), "operating_point", ["project_id"])
