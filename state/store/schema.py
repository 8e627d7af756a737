"""The tables of the label store and the choices their columns hold.

Times are UTC seconds since the epoch, kept as double precision numbers: exact to the microsecond
and the same on every engine. `state/store/migrations` builds these tables; a test compares the two.
"""

from enum import StrEnum

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

LONGEST_NAME = 255


class Role(StrEnum):
    """What a person may do: everything, answer, or look."""

    OWNER = "owner"
    ANNOTATOR = "annotator"
    VIEWER = "viewer"


class Answer(StrEnum):
    """What an annotator says about an item."""

    NORMAL = "normal"
    ANOMALOUS = "anomalous"
    UNSURE = "unsure"

    @property
    def y(self) -> int:
        """The label: +1 normal, -1 anomalous, 0 for unsure, which is never trained on."""
        return {Answer.NORMAL: 1, Answer.ANOMALOUS: -1, Answer.UNSURE: 0}[self]


class EventKind(StrEnum):
    """What happened to an item."""

    ANSWER = "answer"
    UNDO = "undo"
    SKIP = "skip"
    FLAG = "flag"
    REPEAT = "repeat"  # answered a second time, to see whether an annotator is consistent
    ADJUDICATION = "adjudication"  # an owner's word on an item, whatever its answers were

    @property
    def answers(self) -> bool:
        """Whether such an event says what an item is."""
        return self in (EventKind.ANSWER, EventKind.REPEAT, EventKind.ADJUDICATION)


class RoundTrigger(StrEnum):
    """What makes the model learn again."""

    COUNT = "count"  # so many new labels
    TIME = "time"  # so many seconds, if there is a new label
    CONTINUOUS = "continuous"  # any new label, as soon as the model has learned the ones before


class JobKind(StrEnum):
    """What a worker is asked for."""

    PREPARE = "prepare"  # build a project's pool and its first model
    UPDATE = "update"  # learn from new labels
    RUN = "run"  # of recipes and detectors, to be compared


class JobState(StrEnum):
    """Where a job stands; only the first two change by themselves."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"

    @property
    def live(self) -> bool:
        """Whether it still waits or runs."""
        return self in (JobState.QUEUED, JobState.RUNNING)


class Purpose(StrEnum):
    """What a person has put a model version to."""

    DESK = "desk"  # it serves the desk, and the next round trains on from it
    PRODUCTION = "production"  # it is the one to use outside of Ringfence


def _choice(choices: type[StrEnum], name: str) -> Enum:
    return Enum(
        choices,
        name=name,
        length=16,
        native_enum=False,
        create_constraint=True,
        values_callable=lambda members: [member.value for member in members],
    )


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

annotator = Table(
    "annotator",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(LONGEST_NAME), nullable=False, unique=True),
    Column("role", _choice(Role, "role"), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("keys", JSON(none_as_null=True)),
)

project = Table(
    "project",
    metadata,
    Column("id", Integer, primary_key=True),  # by `last_number`
    Column("name", String(LONGEST_NAME), nullable=False, unique=True),
    Column("scenario", JSON, nullable=False),
    Column("detector", JSON, nullable=False),
    Column("strategy", String(64), nullable=False),
    Column("budget", Integer, nullable=False),
    Column("spent", Integer, nullable=False, server_default=text("0")),
    Column("batch_size", Integer, nullable=False),
    Column("overlap", Integer, nullable=False, server_default=text("1")),
    Column("guidelines", Text, nullable=False, server_default=""),
    Column("pool_size", Integer),
    Column("created_at", Double, nullable=False),
    Column("round_trigger", _choice(RoundTrigger, "round_trigger"), nullable=False),
    Column("round_seconds", Double, nullable=False),
    Column("repeat_share", Double, nullable=False),
    Column("archived_at", Double),
    Column("removed_at", Double),  # gone for good a day later
    CheckConstraint("budget > 0", name="budget"),
    CheckConstraint("spent >= 0 AND spent <= budget", name="spent"),
    CheckConstraint("overlap > 0", name="overlap"),
    CheckConstraint("batch_size > 0", name="batch_size"),
    CheckConstraint("round_seconds > 0", name="round_seconds"),
    CheckConstraint("repeat_share >= 0 AND repeat_share < 1", name="repeat_share"),
)

last_number = Table(  # that was given to anything named by one: never given again
    "last_number",
    metadata,
    Column("what", String(16), primary_key=True),
    Column("number", Integer, nullable=False),
    CheckConstraint("number >= 0", name="number"),
)

batch = Table(  # images of a person's own that came into a pool together, in this order
    "batch",
    metadata,
    Column("project_id", ForeignKey("project.id"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("import_name", String(32), nullable=False),
    Column("items", Integer, nullable=False),  # of it that are in the pool by now
    Column("complete", Boolean, nullable=False),  # whether no more are to come
    Column("added_at", Double, nullable=False),
    Column("taken_back_at", Double),
    CheckConstraint("items >= 0", name="items"),
)

event = Table(
    "event",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("uuid", String(36), nullable=False, unique=True),
    Column("project_id", ForeignKey("project.id"), nullable=False),
    Column("item", Integer, nullable=False),
    Column("annotator_id", ForeignKey("annotator.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("kind", _choice(EventKind, "kind"), nullable=False),
    Column("answer", _choice(Answer, "answer")),
    Column("undoes", String(36), unique=True),
    Column("model_version", Integer),
    Column("round", Integer, nullable=False),
    Column("strategy", String(64)),
    Column("utility", Double),
    Column("shown_at", Double),
    Column("pressed_at", Double, nullable=False),
    Column("received_at", Double, nullable=False),
    Column("prediction_shown", Boolean, nullable=False, default=False),
    Column("note", Text),
    Column("batch", String(36)),
    UniqueConstraint("project_id", "item", "annotator_id", "revision"),
    CheckConstraint(
        "(kind IN ('answer', 'repeat', 'adjudication')) = (answer IS NOT NULL)", name="answer_given"
    ),
    CheckConstraint("(kind = 'undo') = (undoes IS NOT NULL)", name="undo_named"),
    Index(None, "project_id", "item"),
    Index(None, "project_id", "seq"),
    sqlite_autoincrement=True,
)

item_lease = Table(
    "item_lease",
    metadata,
    Column("project_id", ForeignKey("project.id"), primary_key=True, autoincrement=False),
    Column("item", Integer, primary_key=True, autoincrement=False),
    Column("client", String(36), primary_key=True),
    Column("annotator_id", ForeignKey("annotator.id"), nullable=False),
    Column("expires_at", Double, nullable=False),
)

wish = Table(
    "wish",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),  # in this order
    Column("project_id", ForeignKey("project.id"), nullable=False),
    Column("annotator_id", ForeignKey("annotator.id"), nullable=False),
    Column("item", Integer, nullable=False),
    UniqueConstraint("project_id", "annotator_id", "item"),
    sqlite_autoincrement=True,
)

model = Table(
    "model",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", ForeignKey("project.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("parent", Integer),
    Column("directory", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("metrics", JSON, nullable=False),
    Column("round", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("label_count", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("files", JSON(none_as_null=True)),  # SHA-256 by path; empty in older rows
    UniqueConstraint("project_id", "version"),
)
Index(
    "uq_model_active",
    model.c.project_id,
    unique=True,
    sqlite_where=model.c.active,
    postgresql_where=model.c.active,
)

operating_point = Table(
    "operating_point",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", ForeignKey("project.id"), nullable=False, index=True),
    Column("model_version", Integer, nullable=False),
    Column("threshold", Double, nullable=False),
    Column("author", String(LONGEST_NAME), nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("purpose", Text),  # what it was chosen for; these three are empty in older rows
    Column("basis", String(16)),
    Column("data_hash", String(64)),
)

promotion = Table(  # append-only; of each purpose the last row counts
    "promotion",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", ForeignKey("project.id"), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("purpose", _choice(Purpose, "purpose"), nullable=False),
    Column("author", String(LONGEST_NAME), nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", Double, nullable=False),
)

audit_log = Table(  # append-only, and not removed with the project
    "audit_log",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Double, nullable=False),
    Column("annotator_id", ForeignKey("annotator.id")),  # empty for the command line
    Column("who", String(LONGEST_NAME), nullable=False),
    Column("what", String(64), nullable=False),
    Column("project", Integer, index=True),
    Column("subject", Text, nullable=False),
    Column("reason", Text, nullable=False),
    sqlite_autoincrement=True,
)

queue = Table(  # of the training of a project, or of the runs; whoever has the lease works on it
    "queue",
    metadata,
    Column("scope", String(64), primary_key=True),
    Column("project_id", ForeignKey("project.id"), unique=True),
    Column("last_id", Integer, nullable=False),  # names a folder: never given again
    Column("worker", Text),
    Column("host", Text),
    Column("pid", Integer),
    Column("heartbeat", Double),
)

work = Table(
    "work",
    metadata,
    Column("scope", ForeignKey("queue.scope"), primary_key=True),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("kind", _choice(JobKind, "kind"), nullable=False),
    Column("plan", JSON, nullable=False),  # of a run; empty for a training job
    Column("state", _choice(JobState, "state"), nullable=False),
    Column("progress", Double, nullable=False),
    Column("message", Text, nullable=False),
    Column("cancel_requested", Boolean, nullable=False),
    Column("worker", Text),
    Column("created_at", Double, nullable=False),
    Column("started_at", Double),
    Column("finished_at", Double),
)
Index(
    "uq_work_running",  # one at a time
    work.c.scope,
    unique=True,
    sqlite_where=text("state = 'running'"),
    postgresql_where=text("state = 'running'"),
)
