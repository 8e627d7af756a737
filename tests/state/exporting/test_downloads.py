"""What a browser downloads is what the command line writes, in one file."""

import io
import zipfile

import pandas as pd
import pytest
from every_label import LABELS

from state.errors import NotAllowed
from state.exporting.downloads import ENDINGS, labels_download, scores_download
from state.exporting.leaving import FORMATS, export_labels
from state.store.people import MACHINE
from state.store.schema import Role


@pytest.fixture
def download(labeled):
    def made(name, **options):
        project = labeled.store.projects.get(labeled.id)
        return labels_download(labeled.store, project, MACHINE, name, **options)

    return made


@pytest.mark.parametrize("name", [name for name in FORMATS if ENDINGS[name] != "zip"])
def test_one_file_is_as_it_is_written(labeled, download, tmp_path, name):
    path = tmp_path / "out"
    export_labels(labeled.store, labeled.store.projects.get(labeled.id), MACHINE, name, path)
    if name == "parquet":
        assert pd.read_parquet(io.BytesIO(download(name))).equals(pd.read_parquet(path))
    else:
        assert download(name) == path.read_bytes()


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("imagefolder", {"labels/normal": 1, "labels/anomalous": 3}),
        ("fiftyone", {"labels/data": len(LABELS), "labels": 1}),
        ("label-studio", {"": 2}),
    ],
)
def test_several_are_in_a_zip_file(download, name, files):
    with zipfile.ZipFile(io.BytesIO(download(name))) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
    folders = [one.rpartition("/")[0] for one in names]
    assert {folder: folders.count(folder) for folder in folders} == files


def test_of_labels_only_and_of_scores(labeled, download):
    assert download("csv", labels_only=True).startswith(b"item,file,label,")
    project = labeled.store.projects.get(labeled.id)
    made = scores_download(labeled.store, project, MACHINE, "csv")
    assert made.startswith(b"item,file,score,percentile,verdict,threshold,label,model_version\n")
    assert made.count(b"\n") == 1 + len(labeled.desk().gallery.items)


def test_others_than_owners_get_nothing(labeled):
    ann = labeled.store.people.ensure("cleo", Role.ANNOTATOR)
    project = labeled.store.projects.get(labeled.id)
    with pytest.raises(NotAllowed, match="Only an owner"):
        labels_download(labeled.store, project, ann, "csv")
    with pytest.raises(NotAllowed, match="Only an owner"):
        scores_download(labeled.store, project, ann, "csv")
