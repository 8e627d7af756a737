"""What arrives in a folder is scored once it is there whole, and once only."""

import shutil
import signal

import pytest
from image_files import png
from refused import refused
from scorable import noisy, start, until_some, write_images

from anomaly_core.errors import InvalidInput
from anomaly_core.scoring.blocks import Outcome
from anomaly_core.scoring.parts import Parts
from anomaly_core.scoring.rows import rows_of
from anomaly_core.scoring.run import Request, watch
from anomaly_core.scoring.watching import Arrivals

pytest.importorskip("pyarrow")
IMAGE = png(noisy(1)[0])


@pytest.fixture
def folder(tmp_path):
    return write_images(tmp_path / "line", noisy(2))


def test_an_image_is_there_once_its_size_stands_still(folder):
    arrivals = Arrivals(folder, set())
    assert arrivals.look() == []
    assert arrivals.look() == ["a/0000.png", "b/0001.png"]
    (folder / "c.png").write_bytes(IMAGE[:40])
    (folder / "empty.png").touch()
    (folder / "notes.txt").write_text("no image")
    assert arrivals.look() == []
    (folder / "c.png").write_bytes(IMAGE)
    assert arrivals.look() == []
    assert arrivals.look() == ["c.png"]
    (folder / "empty.png").write_bytes(IMAGE)
    assert [arrivals.look(), arrivals.look(), arrivals.look()] == [[], ["empty.png"], []]


def test_what_goes_before_it_is_whole_is_forgotten(folder):
    arrivals = Arrivals(folder, set())
    arrivals.look()
    (folder / "a" / "0000.png").unlink()
    assert arrivals.look() == ["b/0001.png"]


def test_what_could_not_be_scored_arrives_again_once_it_has_changed(folder):
    arrivals = Arrivals(folder, {"a/0000.png"})
    (folder / "b" / "0001.png").write_bytes(IMAGE[:40])
    arrivals.look()
    assert arrivals.look() == ["b/0001.png"]
    arrivals.fail(["b/0001.png"])
    assert [arrivals.look(), arrivals.look()] == [[], []]
    (folder / "b" / "0001.png").write_bytes(IMAGE)
    assert [arrivals.look(), arrivals.look(), arrivals.look()] == [[], ["b/0001.png"], []]


class Line:
    """A folder in which images arrive while somebody waits, until Ctrl+C."""

    def __init__(self, folder, rounds):
        self.folder, self.rounds = folder, iter(rounds)

    def __call__(self, seconds):
        assert seconds > 0
        try:
            paths = next(self.rounds)
        except StopIteration:
            raise KeyboardInterrupt from None
        for path in paths:
            (self.folder / path).write_bytes(IMAGE)


def test_every_arrival_is_scored_once_also_over_two_watches(folder, scoring_model, tmp_path):
    request = Request(folder, scoring_model, tmp_path / "scores.jsonl")
    told: list[Outcome] = []
    watch(request, told.append, Line(folder, [["c.png"], [], ["d.png", "e.txt"], []]))
    assert [outcome.images for outcome in told] == [2, 1, 1]
    first = [row.file for row in Parts(request.output).rows()]
    assert first == ["a/0000.png", "b/0001.png", "c.png", "d.png"]
    assert len(request.output.read_text().splitlines()) == 4
    watch(request, told.append, Line(folder, [["f.png"], []]))
    assert [row.file for row in Parts(request.output).rows()] == [*first, "f.png"]
    assert len(request.output.read_text().splitlines()) == 5


def test_two_folders_are_not_watched_into_one_output(folder, scoring_model, tmp_path):
    output = tmp_path / "scores.csv"
    watch(Request(folder, scoring_model, output), wait=Line(folder, []))
    other = write_images(tmp_path / "other", noisy(2))
    with refused(InvalidInput, "holds scores of other images; finish that run"):
        watch(Request(other, scoring_model, output), wait=Line(other, []))


def test_a_bad_arrival_is_a_row_with_its_reason(folder, scoring_model, tmp_path):
    (folder / "bad.png").write_bytes(b"no image")
    request = Request(folder, scoring_model, tmp_path / "scores.csv")
    watch(request, wait=Line(folder, [[]]))
    errors = {row.file: row.error for row in Parts(request.output).rows()}
    assert [path for path, error in errors.items() if error] == ["bad.png"]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
@pytest.mark.parametrize("again", [False, True], ids=["one watch", "two watches"])
def test_a_copy_that_stalled_is_scored_once_it_is_whole(
    folder, scoring_model, tmp_path, again, suffix
):
    (folder / "c.png").write_bytes(IMAGE[:40])
    request = Request(folder, scoring_model, tmp_path / f"scores{suffix}")
    if again:
        watch(request, wait=Line(folder, [[]]))
        (folder / "c.png").write_bytes(IMAGE)
        watch(request, wait=Line(folder, [[]]))
    else:
        watch(request, wait=Line(folder, [[], [], ["c.png"], []]))
    parts = Parts(request.output)
    assert [row.file for row in parts.rows() if row.error] == ["c.png"]
    rows = [row for table in parts.tables(latest=True) for row in rows_of(table)]
    assert [row.file for row in rows] == ["a/0000.png", "b/0001.png", "c.png"]
    assert not any(row.error for row in rows)
    if suffix == ".csv":
        assert len(request.output.read_text().splitlines()) == 4
    elif suffix == ".jsonl":
        assert len(request.output.read_text().splitlines()) == 3
    else:
        pq = pytest.importorskip("pyarrow.parquet")
        assert [*rows_of(pq.read_table(request.output))] == rows


@pytest.mark.process
def test_ctrl_c_ends_a_watch_cleanly(folder, scoring_model, tmp_path):
    output = tmp_path / "scores.csv"
    process = start([folder, "--model", scoring_model, "--output", output, "--watch", "--json"])
    until_some(output, process)
    process.send_signal(signal.SIGINT)
    told, said = process.communicate()
    assert process.returncode == 0, said
    assert '"images": 2' in told
    assert len(output.read_text().splitlines()) == 3
    shutil.rmtree(Parts(output).folder)
