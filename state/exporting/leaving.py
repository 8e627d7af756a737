"""Labels leave: which formats there are, and who may write them where."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from anomaly_core.errors import InvalidInput
from state.exporting.formats.anomalib import to_anomalib
from state.exporting.formats.cvat import to_cvat
from state.exporting.formats.fiftyone import to_fiftyone
from state.exporting.formats.image_folder import to_folder
from state.exporting.formats.label_studio import CONFIG, to_label_studio
from state.exporting.formats.tables import (
    ExportTable,
    events_table,
    labels_table,
    to_csv,
    to_jsonl,
    to_parquet,
)
from state.exporting.labels import ProjectLabels
from state.store.audit_log import Deed
from state.store.people import Annotator
from state.store.projects import Project
from state.store.store import Store

ONLY_OWNERS = "Only an owner may take labels away; ask one of those on Team."
TABLES: dict[str, Callable[[ExportTable, Path], None]] = {
    "csv": to_csv,
    "jsonl": to_jsonl,
    "parquet": to_parquet,
}
FOLDERS: dict[str, Callable[[ProjectLabels, Path], None]] = {
    "imagefolder": to_folder,
    "fiftyone": to_fiftyone,
}
LABEL_STUDIO = "label-studio"
OTHERS: dict[str, Callable[[ProjectLabels, Path], None]] = {
    **FOLDERS,
    LABEL_STUDIO: to_label_studio,
    "cvat": to_cvat,
    "anomalib": to_anomalib,
}
FORMATS = (*TABLES, *OTHERS)


@dataclass(frozen=True)
class Exported:
    """What was written: its files, and how many labels and events there were."""

    paths: tuple[Path, ...]
    labels: int
    events: int


def export_labels(
    store: Store,
    project: Project,
    who: Annotator,
    name: str,
    output: Path,
    labels_only: bool = False,
) -> Exported:
    """Write the labels of a project in the format of that name, for owners.

    All of it is there in the end or nothing new. Raises InvalidInput where it cannot be written,
    and NotAllowed for others.
    """
    if labels_only and name not in TABLES:
        raise InvalidInput(f"Only {', '.join(TABLES)} can be of labels only; {name} always is.")
    if name in FOLDERS:
        require_empty(output)
    subject = f"{name}, labels only" if labels_only else name
    store.audit_log.record(
        who, Deed.EXPORTED_LABELS, subject, refusal=ONLY_OWNERS, project_id=project.id
    )
    labels = ProjectLabels(store, project, who)
    with replacing(output) as part:
        if name in TABLES:
            table = labels_table(labels) if labels_only else events_table(labels)
            TABLES[name](table, part)
        else:
            if name in FOLDERS:
                part.mkdir()
            OTHERS[name](labels, part)
    paths = [output]
    if name == LABEL_STUDIO:
        paths.append(output.with_name(f"{output.stem}-config.xml"))
        with replacing(paths[-1]) as part:
            part.write_text(CONFIG, encoding="utf-8")
    return Exported(tuple(paths), len(labels.standing), len(labels.events))


def require_empty(folder: Path) -> None:
    """Raise InvalidInput unless a folder is empty or not there yet."""
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise InvalidInput(f"{folder} is not empty; give a new folder.")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a place beside a file or folder, which what is written there takes in the end.

    Raises InvalidInput where that cannot be; then nothing is left.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as beside:
            part = Path(beside) / path.name
            yield part
            part.replace(path)
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be written ({error.strerror}); give another place."
        ) from error
