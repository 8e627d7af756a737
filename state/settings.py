"""One typed settings object, read from the environment and from a `.env` file.

In a checkout `.env` and the data lie beside the app. Installed, `.env` is looked for where the
command is started, and the data lies in the user's own data directory.

Every field is set by the variable of its name with the prefix `RINGFENCE_`, as in
`RINGFENCE_DATA_DIR=/srv/ringfence`.
"""

import os
import re
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Self

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from anomaly_core.errors import InvalidInput
from anomaly_core.machine.locks import require_locks
from state.errors import StoreUnavailable

if TYPE_CHECKING:
    from sqlalchemy import URL

APP = Path(__file__).resolve().parent.parent  # the folder of app.py, pages and state
PREFIX = "RINGFENCE_"
LONGEST_ENTRY = 255  # letters of somebody's name
SHORTEST_SECRET = 16  # letters
FEWEST_LETTERS = 8  # different ones, of a secret that is hard to guess


class Identity(StrEnum):
    """How the server knows who answers; see docs/team.md."""

    OPEN = "open"  # by the name that is chosen in the tab
    PROXY = "proxy"  # by a header of the reverse proxy
    OIDC = "oidc"  # by a login


def is_checkout(app: Path) -> bool:
    """Whether the app runs where it is developed, and not where it was installed."""
    return (app / "pyproject.toml").is_file()


def usual_data_dir(app: Path) -> Path:
    """Beside the app in a checkout; else where the user's programs keep what they write."""
    if is_checkout(app):
        return app / "ringfence-data"
    return Path(os.environ.get("XDG_DATA_HOME") or "~/.local/share", "ringfence").expanduser()


class Settings(BaseSettings):
    """Where Ringfence keeps its data and how patient its processes are with each other."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=APP / ".env" if is_checkout(APP) else ".env",
        extra="ignore",
        frozen=True,
    )

    data_dir: Path = Field(
        default_factory=lambda: usual_data_dir(APP),
        description="Directory that holds everything Ringfence writes.",
    )
    database_url: str | None = Field(
        default=None,
        repr=False,
        description="SQLAlchemy URL of the label store (SQLite file or PostgreSQL); "
        "without one it is ringfence.db in the data directory.",
    )
    heartbeat_seconds: float = Field(
        default=1.0, gt=0, description="Seconds between two signs of life of a trainer."
    )
    stale_seconds: float = Field(
        default=6.0, gt=0, description="A trainer silent for longer is taken for dead."
    )
    trainer_idle_seconds: float = Field(
        default=600.0, gt=0, description="A trainer without work for longer ends itself."
    )
    server_grace_seconds: float = Field(
        default=20.0,
        ge=0,
        description="Seconds that workers wait for a server that was killed to be started again.",
    )
    minimum_view_ms: int = Field(
        default=200,
        ge=0,
        description="Milliseconds that a look takes at least; a second look that is settled within "
        "three of them is taken for a held key or a double click.",
    )
    hosts: str = Field(
        default="",
        description="Names beside those of this machine that a team's browsers know the server by, "
        "separated by commas; what comes under another name is refused.",
    )
    annotator: str = Field(
        default="you",
        min_length=1,
        max_length=255,
        description="Name that answers are kept under where the identity is open.",
    )
    identity: Identity = Field(
        default=Identity.OPEN,
        description="How the server knows who answers: `open` takes the name that is chosen in the "
        "tab, `proxy` a header of the reverse proxy, `oidc` the e-mail address of a login.",
    )
    open_to_all: bool = Field(
        default=False,
        description="Whether everybody who reaches the port may answer under any name; else an "
        "`open` server answers this machine alone.",
    )
    proxy_header: str = Field(
        default="X-Forwarded-Email",
        pattern=r"^[A-Za-z0-9-]+$",
        description="Header in which the proxy says who is there, instead of what was sent to it.",
    )
    proxy_secret: str = Field(
        default="",
        repr=False,
        description="What the proxy says in the header X-Ringfence-Secret of every request; "
        "a request without it is refused.",
    )
    service_token: str = Field(
        default="",
        repr=False,
        description="What a program says as its bearer token to have images scored by POST /score "
        "and to read GET /metrics; without one these and GET /healthz are not there.",
    )
    owners: str = Field(
        default="",
        description="Who is an owner when they first come, where the server knows who is there: "
        "names or `*@example.com`, separated by commas.",
    )
    annotators: str = Field(default="", description="The same, who is an annotator.")
    viewers: str = Field(default="", description="The same, who is a viewer.")

    @field_validator("hosts")
    @classmethod
    def _plain_names(cls, hosts: str) -> str:
        """Refuse what no request would ever match, such as a name with its port."""
        if any(not re.fullmatch(r"[\w.-]+", name) for name in names_in(hosts)):
            raise ValueError("write names such as ringfence.example.com, without a port")
        return hosts

    @field_validator("proxy_secret", "service_token")
    @classmethod
    def _hard_to_guess(cls, secret: str) -> str:
        plain = re.fullmatch(rf"[!-~]{{{SHORTEST_SECRET},}}", secret)
        if secret and not (plain and len(set(secret)) >= FEWEST_LETTERS):
            raise ValueError(
                f"take {SHORTEST_SECRET} or more letters, digits and signs without a space, "
                f"{FEWEST_LETTERS} of them different"
            )
        return secret

    @field_validator("owners", "annotators", "viewers")
    @classmethod
    def _names_or_domains(cls, listed: str) -> str:
        """Refuse what fits everybody, or nobody."""
        for entry in names_in(listed):
            rest = entry.removeprefix("*@")
            if not rest or "*" in rest or len(entry) > LONGEST_ENTRY or re.search(r"\s", entry):
                raise ValueError("write names such as ada@example.com, or *@example.com for all")
        return listed

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().absolute()

    @field_validator("database_url")
    @classmethod
    def _absolute_file(cls, url: str | None) -> str | None:
        """Make the path of an SQLite file absolute, as the server works in a folder of its own."""
        scheme, _, path = (url or "").partition(":///")
        if not scheme.startswith("sqlite") or not path or path.startswith((":", "file:")):
            return url
        return f"{scheme}:///{Path(path).expanduser().absolute()}"

    @model_validator(mode="after")
    def _patient(self) -> Self:
        if self.stale_seconds <= self.heartbeat_seconds:
            raise ValueError("stale_seconds must be longer than heartbeat_seconds")
        return self

    @property
    def host_names(self) -> tuple[str, ...]:
        """The names in `hosts`."""
        return names_in(self.hosts)

    @property
    def default_database(self) -> "URL":
        """The SQLite file in the data directory."""
        from sqlalchemy import URL  # here, for an import needs no database

        return URL.create("sqlite", database=str(self.data_dir / "ringfence.db"))

    @property
    def projects_dir(self) -> Path:
        """Pools, scores and model files, one directory a project."""
        return self.data_dir / "projects"

    @property
    def datasets_dir(self) -> Path:
        """Datasets as they were downloaded or imported."""
        return self.data_dir / "datasets"

    def prepare(self) -> None:
        """Create the directories, and try a write and a lock.

        Raises StoreUnavailable where a write fails, InvalidInput where there are no locks.
        """
        try:
            for directory in (self.projects_dir, self.datasets_dir):
                directory.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.data_dir) as probe:
                probe.write(b"writable")
            require_locks(self.data_dir)
        except OSError as error:
            raise StoreUnavailable(
                "The data directory cannot be written; free some space there, or set "
                f"{PREFIX}DATA_DIR to a directory that may be written."
            ) from error


def names_in(listed: str) -> tuple[str, ...]:
    """The names in a list with commas."""
    return tuple(name.strip() for name in listed.split(",") if name.strip())


def load_settings() -> Settings:
    """Read the settings; raises InvalidInput naming the first variable that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        raise InvalidInput(_sentence(error)) from error


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    reason = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return f"The settings do not fit together: {reason}; correct the environment or .env."
    variable = PREFIX + str(first["loc"][0]).upper().removeprefix(PREFIX)
    reason = reason[0].lower() + reason[1:]
    return f"{variable} cannot be used: {reason}; correct it in the environment or in .env."
