"""How fast `ringfence score` is, beside decoding and scoring the same files and nothing else.

    python -m benchmarks.waiting.scoring [--files 100000] [--few 10000] [--workers 2] [--ray]

The files are those of the benchmark of the import, each fourth as PNG; the model is a hypersphere
on the drawn backbone for images of 64 x 64 pixels. Bare are as many processes that decode and score
a sample of the files 64 at a time, after they have loaded the model; they list nothing and write
nothing. They run before and after the command, whose time includes its start. As the rate of both
hangs on what else the machine does, the seconds of processor time an image are told too. Memory is
the proportional set size of all processes of the command together. With `--ray`, local Ray scores
some files with one worker and with two, timed from the first block to the last.
"""

import argparse
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

import numpy as np
from PIL import Image

from anomaly_core.checkpoint import save_detector
from anomaly_core.detectors.pretrained.detector import FeatureSVDD
from anomaly_core.importing.fitting import Choices, Fit
from anomaly_core.onnx.facts import Prepared
from anomaly_core.scoring.blocks import PIECE
from anomaly_core.scoring.models import load_scorer, read_card
from anomaly_core.scoring.on_ray import LOCAL
from anomaly_core.scoring.piles import list_pile
from anomaly_core.scoring.run import Request, Run
from benchmarks.waiting.importing import MIB, family, proportional, write_file

SIDE, FILE_SIDE = 64, 160  # pixels: what the model sees, and the largest file
TAUGHT, SAMPLE = 500, 4000  # files: the model is fitted to, and bare processes score
PNG_EVERY = 4


@dataclass(frozen=True)
class Measured:
    """Images, and what they took: seconds, seconds of processor time, and memory in KiB."""

    images: int
    seconds: float
    processor: float
    most: int = 0

    @property
    def rate(self) -> float:
        """Images a second."""
        return self.images / self.seconds

    @property
    def cost(self) -> float:
        """Milliseconds of processor time an image."""
        return 1000 * self.processor / self.images


def write_mixed(root: Path, number: int) -> None:
    """Write one of the files, each fourth as PNG."""
    write_file(root, FILE_SIDE, number)
    if number % PNG_EVERY == 0:
        path = root / f"{number // 1000:03}" / f"{number:06}.jpg"
        with Image.open(path) as image:
            image.save(path.with_suffix(".png"))
        path.unlink()


def fitted_model(folder: Path, files: Sequence[Path]) -> Path:
    """Draw a sphere round some of the files, and write it as a version that was taken away."""
    choices = Choices(SIDE, Fit.STRETCH, colour=True)
    images = np.stack([choices.seen_in(path.read_bytes()) for path in files])
    detector = FeatureSVDD().fit(images)
    scores = detector.decision_function(images)
    folder.mkdir()
    save_detector(detector, folder)
    seen = asdict(Prepared(SIDE, SIDE, choices.fit, choices.colour))
    told = {"preprocessing": seen, "threshold": float(np.quantile(scores, 0.9))}
    (folder / "metrics.json").write_text(json.dumps(told))
    return folder


def score_barely(model: Path, files: Sequence[Path], ready: Barrier, told: "Queue[float]") -> None:
    """Decode and score files, once everybody is ready; tell the processor time of that."""
    card, scorer = read_card(model), load_scorer(model)
    scorer.decision_function(np.stack([card.seen_in(path.read_bytes()) for path in files[:PIECE]]))
    ready.wait()
    began = time.process_time()
    for start in range(0, len(files), PIECE):
        piece = files[start : start + PIECE]
        scorer.decision_function(np.stack([card.seen_in(path.read_bytes()) for path in piece]))
    told.put(time.process_time() - began)


def bare(model: Path, files: Sequence[Path], workers: int) -> Measured:
    """Decode and score files in so many processes, and nothing else."""
    context = multiprocessing.get_context("spawn")
    ready, told = context.Barrier(workers + 1), context.Queue()
    processes = [
        context.Process(target=score_barely, args=(model, files[number::workers], ready, told))
        for number in range(workers)
    ]
    for process in processes:
        process.start()
    ready.wait()
    began = time.perf_counter()
    processor = sum(told.get() for _ in processes)
    seconds = time.perf_counter() - began
    for process in processes:
        process.join()
    return Measured(len(files), seconds, processor)


def command(images: Path, model: Path, output: Path, workers: int) -> Measured:
    """Run the command, and watch its memory."""
    arguments = [images, "--model", model, "--output", output, "--workers", workers, "--json"]
    before, began = spent(), time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "anomaly_core", "score", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    most = 0
    while process.poll() is None:
        most = max(most, sum(map(proportional, family(process.pid))))
        time.sleep(0.5)
    assert process.stdout is not None
    told = json.loads(process.stdout.read())
    return Measured(told["images"], time.perf_counter() - began, spent() - before, most)


def spent() -> float:
    """Seconds of processor time of processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def on_ray(images: Path, model: Path, output: Path, workers: int) -> float:
    """Images a second that Ray scores with so many workers, from the first block on."""
    run = Run(Request(images, model, output, workers=workers, ray=LOCAL), list_pile(images))
    seen: list[tuple[float, int]] = []
    run.score(lambda outcome: seen.append((time.perf_counter(), outcome.images)))
    return sum(count for _, count in seen[1:]) / (seen[-1][0] - seen[0][0])


def main() -> int:
    """Write the files, measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--few", type=int, default=10_000, help="to compare the memory with")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--ray", action="store_true")
    parser.add_argument("--keep", type=Path, help="where to keep the files, or find them")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        place = Path(directory)
        root = options.keep or place / "files"
        if not root.is_dir():
            root.mkdir(parents=True)
            with multiprocessing.get_context("spawn").Pool(options.workers) as pool:
                pool.map(partial(write_mixed, root), range(options.files), 250)
        files = sorted(path for path in root.rglob("*") if path.is_file())
        model = fitted_model(place / "model", files[:: max(1, len(files) // TAUGHT)])
        few = place / "few.txt"
        few.write_text("".join(f"{path.absolute()}\n" for path in files[: options.few]))
        sample = files[:: max(1, len(files) // SAMPLE)]
        measure(place, root, few, model, sample, options.workers)
        if options.ray:
            rates = [on_ray(few, model, place / f"ray-{n}.parquet", n) for n in (1, 2)]
            print(f"Ray, {rates[0]:,.0f} images a second by one worker, {rates[1]:,.0f} by two")
    return 0


def measure(
    place: Path, root: Path, few: Path, model: Path, sample: Sequence[Path], workers: int
) -> None:
    """Measure the command between two bare runs, and print what came out."""
    short = command(few, model, place / "few.parquet", workers)
    first = bare(model, sample, workers)
    long = command(root, model, place / "all.parquet", workers)
    last = bare(model, sample, workers)
    plain = Measured(
        2 * len(sample), first.seconds + last.seconds, first.processor + last.processor
    )
    print(f"{workers} processes on {os.cpu_count()} cores, load {os.getloadavg()[2]:.1f}")
    print("| | images | images a second | ms of processor an image | MiB |\n|---|---|---|---|---|")
    for name, one in (("bare", plain), ("score", short), ("score", long)):
        memory = f"{one.most / MIB:,.0f}" if one.most else ""
        print(f"| {name} | {one.images:,} | {one.rate:,.0f} | {one.cost:.2f} | {memory} |")
    print(
        f"score, of bare: {long.rate / plain.rate:.2f} of the rate (bare {first.rate:,.0f} before, "
        f"{last.rate:,.0f} after), {plain.cost / long.cost:.2f} by processor time",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
