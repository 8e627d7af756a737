"""Exports as one file for a browser: a folder, or several files, as a zip file."""

import zipfile
from collections.abc import Callable
from pathlib import Path

from state.exporting.leaving import FOLDERS, LABEL_STUDIO, TABLES, export_labels
from state.exporting.scores import export_scores
from state.files.unfinished import marked
from state.settings import Settings
from state.store.people import Annotator
from state.store.projects import Project
from state.store.store import Store

ENDINGS = {"cvat": "xml", "anomalib": "csv", "label-studio": "zip"} | {
    **dict.fromkeys(FOLDERS, "zip"),
    **{name: name for name in TABLES},
}


def labels_download(
    store: Store, project: Project, who: Annotator, name: str, labels_only: bool = False
) -> bytes:
    """The labels of a project in the format of that name; raises what `export_labels` does."""

    def write(path: Path) -> tuple[Path, ...]:
        return export_labels(store, project, who, name, path, labels_only).paths

    file = f"labels.{'json' if name == LABEL_STUDIO else ENDINGS[name]}"
    return packed(store.settings, file, write)


def scores_download(store: Store, project: Project, who: Annotator, name: str) -> bytes:
    """The scores of a project in the format of that name; raises what `export_scores` does."""

    def write(path: Path) -> tuple[Path, ...]:
        export_scores(store, project, who, name, path)
        return (path,)

    return packed(store.settings, f"scores.{name}", write)


def packed(settings: Settings, name: str, write: Callable[[Path], tuple[Path, ...]]) -> bytes:
    """What is written, as it is where that is one file, else in a zip file."""
    with marked(settings.projects_dir / "download") as place:
        paths = write(place / name.removesuffix(".zip"))
        if len(paths) == 1 and paths[0].is_file():
            return paths[0].read_bytes()
        made = place / "download.zip"
        with zipfile.ZipFile(made, "w", strict_timestamps=False) as archive:
            for path in paths:
                for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
                    if file.is_file():
                        archive.write(file, file.relative_to(place))
        return made.read_bytes()
