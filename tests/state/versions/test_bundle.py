"""A downloaded version loads without the app, by the very lines of its README."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from scipy.stats import rankdata

from state.settings import APP
from state.versions.lineage import Lineage


@pytest.fixture
def unpacked(workshop, tmp_path):
    """Version 2 of three, unpacked: it knows the first ten of the standing answers."""
    rounds = workshop.rounds()
    for _ in range(2):
        workshop.answer(10)
        rounds.update([])
    packed = Lineage(workshop.projects, workshop.store.projects.get(workshop.id)).bundle(
        2, workshop.me
    )
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path)
    return tmp_path / f"ringfence-{workshop.id}-model-2"


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_it_holds_what_it_promises(unpacked):
    names = {"model.safetensors", "model.json", "scores.csv", "labels.csv", "metrics.json"}
    assert {path.name for path in unpacked.iterdir()} == names | {"README.md"}
    readme = (unpacked / "README.md").read_text()
    assert all(name in readme for name in names)


def test_scores_and_percentiles_are_those_of_the_version(workshop, unpacked):
    scores, table = workshop.array("models/2/scores"), rows(unpacked / "scores.csv")
    assert [int(row["item"]) for row in table] == list(range(len(scores)))
    np.testing.assert_array_equal(np.array([row["score"] for row in table], np.float32), scores)
    percentiles = [float(row["percentile"]) for row in table]
    np.testing.assert_allclose(percentiles, (rankdata(scores, "min") - 1) / len(scores))


def test_labels_are_those_that_stand_and_which_it_knew(workshop, unpacked):
    labels = workshop.store.events.labels(workshop.id)
    learned = {e.item for e in workshop.store.events.standing(workshop.id)[:10]}
    expected = [
        {
            "item": str(item),
            "label": "normal" if y > 0 else "anomalous",
            "trained_with": "yes" if item in learned else "no",
        }
        for item, y in zip(labels.items, labels.y, strict=True)
    ]
    assert rows(unpacked / "labels.csv") == expected
    assert len(expected) == 20


def test_metrics_are_those_of_the_version_and_tell_no_path(workshop, unpacked):
    text = (unpacked / "metrics.json").read_text()
    facts = json.loads(text)
    model = workshop.store.models.all(workshop.id)[1]
    assert (facts["version"], facts["parent"], facts["labels"]) == (2, 1, 10)
    assert (facts["metrics"], facts["sha256"]) == (model.metrics, model.sha256)
    assert facts["threshold"] == np.quantile(workshop.array("models/2/scores"), 0.9)
    for path in unpacked.iterdir():
        assert str(workshop.settings.data_dir).encode() not in path.read_bytes()


@pytest.mark.process
def test_the_lines_of_the_readme_score_images_without_the_app(workshop, unpacked):
    pool = workshop.array("pool")[::7]
    np.save(unpacked.parent / "images.npy", pool)
    readme = (unpacked / "README.md").read_text()
    (code,) = re.findall(r"^```python\n(.+?)^```$", readme, re.MULTILINE | re.DOTALL)
    code += "np.save('scores.npy', scores); np.save('flagged.npy', flagged)\n"
    environment = {**os.environ, "PYTHONPATH": str(APP), "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-c", code], cwd=unpacked.parent, env=environment, check=True)
    published = workshop.array("models/2/scores")
    scores = np.load(unpacked.parent / "scores.npy")
    np.testing.assert_allclose(scores, published[::7], rtol=1e-4)
    flagged = published > np.quantile(published, 0.9)
    np.testing.assert_array_equal(np.load(unpacked.parent / "flagged.npy"), flagged[::7])
