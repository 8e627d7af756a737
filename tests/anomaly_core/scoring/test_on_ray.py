"""Ray scores bit for bit what one process does, also where one of its workers is killed."""

import importlib.util
import os
import signal
from pathlib import Path

import pytest
from refused import refused
from scorable import start, until_some

from anomaly_core.errors import CheckpointError, InvalidInput, RingfenceError
from anomaly_core.scoring.blocks import BlockTask
from anomaly_core.scoring.on_ray import NO_RAY, cause_of, require_ray, task_of, text_of
from anomaly_core.scoring.parts import Parts
from anomaly_core.scoring.piles import Listed, list_pile
from anomaly_core.scoring.run import Request, Run

pytest.importorskip("pyarrow")
THERE = importlib.util.find_spec("ray") is not None
with_ray = pytest.mark.skipif(not THERE, reason="Ray is not installed: requirements-ray.txt")
ACTOR = b"ray::MapWorker"


def family(process):
    """A process and all that it has started."""
    yield process
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        for child in task.read_text().split():
            yield from family(int(child))


def is_actor(process):
    return Path(f"/proc/{process}/cmdline").read_bytes().startswith(ACTOR)


@with_ray
@pytest.mark.process
def test_scores_are_the_same_when_a_worker_is_killed(blocks_of_images, scoring_model, tmp_path):
    asked = Request(blocks_of_images, scoring_model, tmp_path / "one.parquet", workers=1)
    Run(asked, list_pile(blocks_of_images)).score()
    output = tmp_path / "ray.parquet"
    arguments = [blocks_of_images, "--model", scoring_model, "--output", output]
    process = start([*arguments, "--workers", 2, "--ray"])
    until_some(output, process)
    there = Parts(output).there()
    os.kill(next(filter(is_actor, family(process.pid))), signal.SIGKILL)
    _, said = process.communicate()
    assert process.returncode == 0, said
    assert len(there) < 5
    assert output.read_bytes() == (tmp_path / "one.parquet").read_bytes()


def test_without_ray_one_sentence_says_so():
    if THERE:
        assert require_ray().__name__ == "ray"
    else:
        with refused(InvalidInput, NO_RAY):
            require_ray()


@pytest.mark.process
def test_without_ray_the_command_says_so(blocks_of_images, scoring_model, tmp_path):
    (tmp_path / "ray.py").write_text("raise ImportError('there is none')")
    output = tmp_path / "scores.csv"
    arguments = [blocks_of_images, "--model", scoring_model, "--output", output, "--ray"]
    process = start(arguments, first=tmp_path)
    told, said = process.communicate()
    assert (process.returncode, told, said) == (2, "", f"{NO_RAY}\n")
    assert [one.name for one in tmp_path.iterdir()] == ["ray.py"]


def test_a_block_is_sent_whole():
    task = BlockTask(7, [Listed("é.png"), Listed("b.png", "Why.")])
    assert task_of(text_of(task)) == task


def test_the_reason_of_an_actor_is_told_and_not_ray_s():
    wrapped = ValueError("of Ray")
    wrapped.__cause__ = CheckpointError("The model is damaged.")
    assert cause_of(wrapped) is wrapped.__cause__
    with refused(RingfenceError, "Ray could not score all blocks .ValueError.; run the same"):
        raise cause_of(ValueError("of Ray"))
