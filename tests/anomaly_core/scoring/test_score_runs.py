"""Every image has one row with the same score, whoever scores it and however often it is killed."""

import json
import os
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest
from refused import refused
from scorable import noisy, start, until_some, write_images

from anomaly_core.checkpoint import load_detector
from anomaly_core.errors import InvalidInput
from anomaly_core.scoring.parts import Parts
from anomaly_core.scoring.piles import BLOCK, blocks_in, list_pile
from anomaly_core.scoring.rows import ScoreRow, rows_of
from anomaly_core.scoring.run import Request, Run

pq = pytest.importorskip("pyarrow.parquet")


def run(images, model, output, **options):
    made = Run(Request(images, model, output, **{"workers": 1, **options}), list_pile(images))
    made.score()
    return made


def rows(path):
    return [*rows_of(pq.read_table(path))]


@pytest.fixture(scope="module")
def whole(blocks_of_images, scoring_model, tmp_path_factory):
    """What one process scores."""
    output = tmp_path_factory.mktemp("whole") / "scores.parquet"
    run(blocks_of_images, scoring_model, output)
    return output


def test_scores_are_those_of_the_detector(whole, blocks_of_images, scoring_model):
    images, found = np.load(blocks_of_images), rows(whole)
    assert [row.file for row in found] == [f"{row:04}.png" for row in range(len(images))]
    expected = load_detector(scoring_model).decision_function(images)
    np.testing.assert_allclose([row.score for row in found], expected, rtol=1e-5)
    threshold = json.loads((scoring_model / "metrics.json").read_text())["threshold"]
    assert {row.verdict for row in found} == {"normal", "anomalous"}
    assert all((row.verdict == "anomalous") == (row.score > threshold) for row in found)
    assert {(row.threshold, row.error) for row in found} == {(threshold, None)}
    assert all(0 <= row.percentile <= 1 for row in found)


@pytest.mark.process
def test_two_processes_score_bit_for_bit_as_one(whole, blocks_of_images, scoring_model, tmp_path):
    run(blocks_of_images, scoring_model, tmp_path / "two.parquet", workers=2)
    assert (tmp_path / "two.parquet").read_bytes() == whole.read_bytes()


def test_shards_score_each_image_once_and_bit_for_bit_the_same(
    whole, blocks_of_images, scoring_model, tmp_path
):
    found: dict[str, ScoreRow] = {}
    for shard in (1, 2, 3):
        made = run(blocks_of_images, scoring_model, tmp_path / "s.parquet", share=(shard, 3))
        part = rows(tmp_path / f"s-{shard:05}-of-00003.parquet")
        assert len(part) == made.total == made.done.images
        assert not found.keys() & {row.file for row in part}
        found |= {row.file: row for row in part}
    assert [found[row.file] for row in rows(whole)] == rows(whole)
    assert len(found) == len(rows(whole))


@pytest.mark.process
def test_a_killed_run_goes_on_where_it_stopped(whole, blocks_of_images, scoring_model, tmp_path):
    output = tmp_path / "scores.parquet"
    process = start(
        [blocks_of_images, "--model", scoring_model, "--output", output, "--workers", 1]
    )
    until_some(output, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    there = Parts(output).there()
    assert 0 < len(there) < len(blocks_in(list_pile(blocks_of_images)))
    written = {number: Parts(output).path(number).stat().st_mtime_ns for number in there}
    seen = []

    def look(_):
        seen.append({n: Parts(output).path(n).stat().st_mtime_ns for n in there})

    made = Run(
        Request(blocks_of_images, scoring_model, output, workers=1), list_pile(blocks_of_images)
    )
    made.score(look)
    assert made.before == BLOCK * len(there)
    assert all(one == written for one in seen)
    assert output.read_bytes() == whole.read_bytes()
    assert [*tmp_path.iterdir()] == [output]


@pytest.mark.process
def test_a_killed_worker_is_told_and_the_run_goes_on(
    whole, blocks_of_images, scoring_model, tmp_path
):
    output = tmp_path / "scores.parquet"
    arguments = [blocks_of_images, "--model", scoring_model, "--output", output, "--workers", 2]
    process = start(arguments)
    until_some(output, process)
    os.kill(workers_of(process.pid)[-1], signal.SIGKILL)
    _, said = process.communicate()
    assert process.returncode == 2
    assert "A worker process was ended" in said
    again = start(arguments)
    again.communicate()
    assert again.returncode == 0
    assert output.read_bytes() == whole.read_bytes()


def workers_of(parent):
    """The processes that score for another one."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [
        int(child)
        for child in children
        if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


@pytest.mark.process
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_says_how_to_go_on(blocks_of_images, scoring_model, tmp_path, how):
    output = tmp_path / "scores.csv"
    arguments = [blocks_of_images, "--model", scoring_model, "--output", output]
    process = start([*arguments, "--workers", 1])
    until_some(output, process)
    process.send_signal(how)
    _, said = process.communicate()
    assert process.returncode == 130
    assert "images are scored. Run the same command again to go on." in said.splitlines()[-1]
    assert Parts(output).there()


class Closing(Run):
    """A run that tells when it has let go of whoever scores for it."""

    closed = False

    def _scored(self, tasks, count):
        try:
            yield from super()._scored(tasks, count)
        finally:
            self.closed = True


def test_a_run_stopped_while_it_tells_lets_go_of_who_scores(
    blocks_of_images, scoring_model, tmp_path
):
    request = Request(blocks_of_images, scoring_model, tmp_path / "scores.csv", workers=1)
    made = Closing(request, list_pile(blocks_of_images))

    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made.score(stop)
    assert made.closed


def test_a_bad_image_is_a_row_with_its_reason_and_changes_no_other(scoring_model, tmp_path):
    root = write_images(tmp_path / "photos", noisy(70))
    run(root, scoring_model, tmp_path / "good.parquet")
    (root / "a" / "0005.png").write_bytes(b"\x89PNG\r\n\x1a\n cut off")
    (root / "a" / "0006.jpg").write_text("no picture")
    (root / "b" / "empty.png").touch()
    made = run(root, scoring_model, tmp_path / "bad.parquet")
    found = {row.file: row for row in rows(tmp_path / "bad.parquet")}
    bad = {path: row for path, row in found.items() if row.error}
    assert [*bad] == ["a/0005.png", "a/0006.jpg", "b/empty.png"]
    assert all(row[1:5] == (None,) * 4 and row.error.endswith(".") for row in bad.values())
    assert made.done == (72, sum(row.verdict == "anomalous" for row in found.values()), 3)
    good = {row.file: row.score for row in rows(tmp_path / "good.parquet") if row.file not in bad}
    np.testing.assert_allclose([found[path].score for path in good], [*good.values()], rtol=1e-5)


def test_nothing_but_bad_images_needs_no_model_in_memory(scoring_model, tmp_path):
    (tmp_path / "list.txt").write_text("none.png\n")
    shutil.copytree(scoring_model, tmp_path / "model")
    (tmp_path / "model" / "model.safetensors").write_bytes(b"damaged")
    run(tmp_path / "list.txt", tmp_path / "model", tmp_path / "scores.parquet")
    (row,) = rows(tmp_path / "scores.parquet")
    assert "does not exist" in row.error


@pytest.mark.parametrize("kind", ["folder", "list"])
def test_images_of_equal_names_elsewhere_are_not_mixed_in(kind, scoring_model, tmp_path):
    output, places = tmp_path / "scores.csv", []
    for name in ("first", "second"):
        root = write_images(tmp_path / name, noisy(3))
        (root / "list.txt").write_text("a/0000.png\n")
        places.append(root / "list.txt" if kind == "list" else root)
    first, second = places
    asked = Request(first, scoring_model, output, workers=1)
    with Parts(output).begun(asked.told(list_pile(first).fingerprint)):
        pass
    with refused(InvalidInput, "holds scores of other images; finish that run"):
        run(second, scoring_model, output)
    (tmp_path / "same").symlink_to(tmp_path / "first")
    run(tmp_path / "same" / first.relative_to(tmp_path / "first"), scoring_model, output)


def test_another_model_list_or_threshold_is_not_mixed_in(blocks_of_images, scoring_model, tmp_path):
    output = tmp_path / "scores.csv"
    asked = Request(blocks_of_images, scoring_model, output, workers=1)
    with Parts(output).begun(asked.told(list_pile(blocks_of_images).fingerprint)):
        pass
    np.save(tmp_path / "other.npy", noisy(3))
    with refused(InvalidInput, "holds scores of other images"):
        run(tmp_path / "other.npy", scoring_model, output)
    with refused(InvalidInput, "holds scores of another threshold"):
        run(blocks_of_images, scoring_model, output, threshold="1")
    shutil.copytree(scoring_model, tmp_path / "model")
    (tmp_path / "model" / "model.safetensors").write_bytes(b"another")
    with refused(InvalidInput, "holds scores of another model"):
        run(blocks_of_images, tmp_path / "model", output)
