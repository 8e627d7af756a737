"""What we write for anomalib is read by anomalib, where a Python that has it is told.

`RINGFENCE_TEST_ANOMALIB` names that Python; anomalib is too large to be installed for one test.
"""

import json
import os
import subprocess

import pytest
from answering import answer

from state.exporting.leaving import export_labels
from state.store.people import MACHINE
from state.store.schema import Answer

PYTHON = os.environ.get("RINGFENCE_TEST_ANOMALIB")
pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(not PYTHON, reason="RINGFENCE_TEST_ANOMALIB names no Python with anomalib"),
]
READ = """
import json, sys
import pandas as pd
from anomalib.data import Folder, Tabular

folder, table = sys.argv[1:]
plain = {"val_split_mode": "same_as_test", "num_workers": 0}
modules = {
    "Tabular": Tabular("belt", pd.read_csv(table), root=folder, **plain),
    "Folder": Folder("belt", root=folder, normal_dir="normal", abnormal_dir="anomalous", **plain),
}
found = {}
for name, module in modules.items():
    module.setup()
    for split in ("train", "test"):
        samples = getattr(module, f"{split}_data").samples
        item = getattr(module, f"{split}_data")[0]
        assert item.image.shape[0] == 3
        found[f"{name} {split}"] = sorted(
            (path.rpartition("/")[2], int(label))
            for path, label in zip(samples.image_path, samples.label_index)
        )
print(json.dumps(found))
"""


def test_it_reads_the_same_labels_as_stand(open_workshop, prepared, tmp_path):
    shop = open_workshop(copy_of=prepared)
    count = 6
    for item in range(2 * count):
        answer(shop.desk(), item, Answer.NORMAL if item < count else Answer.ANOMALOUS)
    for name, place in (("imagefolder", "images"), ("anomalib", "labels.csv")):
        export_labels(shop.store, shop.store.projects.get(shop.id), MACHINE, name, tmp_path / place)
    assert PYTHON
    given = [PYTHON, "-c", READ, str(tmp_path / "images"), str(tmp_path / "labels.csv")]
    ended = subprocess.run(given, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout.splitlines()[-1])
    normal = [[f"{item:06}.png", 0] for item in range(count)]
    anomalous = [[f"{item:06}.png", 1] for item in range(count, 2 * count)]
    # Some of what is normal goes to its test as well: there has to be a normal image in it.
    for name in ("Tabular", "Folder"):
        train, test = found[f"{name} train"], found[f"{name} test"]
        assert sorted(train + test) == normal + anomalous
        assert {label for _, label in train} == {0}
