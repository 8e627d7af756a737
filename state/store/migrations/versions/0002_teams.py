"""Teams: leases, repeats, adjudication, notes, and what starts a round."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KINDS = "kind IN ('answer', 'undo', 'skip', 'flag', 'repeat', 'adjudication')"
ANSWERING = "(kind IN ('answer', 'repeat', 'adjudication')) = (answer IS NOT NULL)"
TRIGGERS = "round_trigger IN ('count', 'time', 'continuous')"


def upgrade() -> None:
    """Add what a team needs; what is stored stays as it is."""
    _extend_annotator()
    _extend_project()
    _extend_event()
    _widen("operating_point", "author")
    _create_item_lease()


def downgrade() -> None:
    """Refused: going back would drop repeats, adjudications and notes."""
    raise NotImplementedError("The schema before this one cannot hold what is stored.")


def _extend_annotator() -> None:
    op.add_column("annotator", sa.Column("keys", sa.JSON))
    _widen("annotator", "name")


def _widen(table: str, column: str) -> None:
    with op.batch_alter_table(table) as altered:
        altered.alter_column(
            column, existing_type=sa.String(200), type_=sa.String(255), existing_nullable=False
        )


def _extend_project() -> None:
    with op.batch_alter_table("project") as table:
        table.add_column(
            sa.Column("round_trigger", sa.String(16), nullable=False, server_default="count")
        )
        table.add_column(sa.Column("round_seconds", sa.Double, nullable=False, server_default="30"))
        table.add_column(sa.Column("repeat_share", sa.Double, nullable=False, server_default="0"))
        table.create_check_constraint(op.f("ck_project_round_trigger"), TRIGGERS)
        table.create_check_constraint(op.f("ck_project_round_seconds"), "round_seconds > 0")
        table.create_check_constraint(
            op.f("ck_project_repeat_share"), "repeat_share >= 0 AND repeat_share < 1"
        )
    _widen("project", "name")


def _extend_event() -> None:
    with op.batch_alter_table("event", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.add_column(
            sa.Column(
                "prediction_shown", sa.Boolean, nullable=False, server_default=sa.text("false")
            )
        )
        table.add_column(sa.Column("note", sa.Text))
        table.add_column(sa.Column("batch", sa.String(36)))
        for name, condition in (("kind", KINDS), ("answer_given", ANSWERING)):
            table.drop_constraint(op.f(f"ck_event_{name}"), type_="check")
            table.create_check_constraint(op.f(f"ck_event_{name}"), condition)


def _create_item_lease() -> None:
    op.create_table(
        "item_lease",
        sa.Column("project_id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("item", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("client", sa.String(36), nullable=False),
        sa.Column("annotator_id", sa.Integer, nullable=False),
        sa.Column("expires_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "item", "client", name=op.f("pk_item_lease")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_item_lease_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["annotator_id"], ["annotator.id"], name=op.f("fk_item_lease_annotator_id_annotator")
        ),
    )
