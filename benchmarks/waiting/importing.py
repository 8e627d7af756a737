"""How fast a folder of JPEG files is imported, beside decoding the same files and nothing else.

    python -m benchmarks.waiting.importing [--files 100000] [--side 640] [--workers 2] [--zip]

The files are pieces of textures with grain, no two equal, with sides from two fifths of `--side` up
to it, and qualities from 75 to 92. Bare is to open, load and convert each to RGB with Pillow, in as
many processes, before and after the import. Memory is the proportional set size (PSS) of all
processes of the import together. A second import is killed half way, with all its processes, and
started again; every file must be there once, with the pixels of the first. With `--zip` the files
are imported out of an archive.
"""

import argparse
import hashlib
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from PIL import Image

from anomaly_core.datasets.base import Images
from state.files.imports import ImportFolder, ImportPlan, new_import
from state.settings import PREFIX

BASES, FOLDER = 200, 1_000  # textures; files in a folder
SMALLEST = 0.4  # of the side
QUALITIES = (75, 93)
MIB = 1024  # KiB
IMPORTER = "state.workers.own.importer"


@lru_cache(maxsize=BASES)
def texture(number: int, side: int) -> Images:
    """A picture (side, side, 3) of clouds and edges in colour, with grain."""
    rng = np.random.default_rng(number)
    total = np.zeros((side, side, 3), np.float32)
    for cells in (3, 8, 24, 70):
        field = rng.integers(0, 256, (cells, cells, 3), np.uint8)
        way = Image.Resampling.NEAREST if cells == 8 else Image.Resampling.BICUBIC
        total += np.asarray(Image.fromarray(field).resize((side, side), way), np.float32) / cells
    total *= 255 / total.max()
    total += rng.normal(0, 4, (side, side, 1)).astype(np.float32)
    return total.clip(0, 255).astype(np.uint8)


def write_file(root: Path, side: int, number: int) -> None:
    """Write one of the files: a piece of a texture."""
    rng = np.random.default_rng([1, number])
    height, width = rng.integers(round(SMALLEST * side), side + 1, 2).tolist()
    top, left = int(rng.integers(side - height + 1)), int(rng.integers(side - width + 1))
    piece = texture(number % BASES, side)[top : top + height, left : left + width].copy()
    piece[:2, :12] = (
        np.frombuffer(number.to_bytes(9, "big"), np.uint8)[:, None].repeat(8, 1).reshape(2, 12, 3)
    )
    path = root / f"{number // FOLDER:03}" / f"{number:06}.jpg"
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(piece).save(path, quality=int(rng.integers(*QUALITIES)))


def bare(path: str) -> int:
    """Decode a file and nothing else."""
    with Image.open(path) as image:
        image.load()
        return image.convert("RGB").width


def decoding(paths: Sequence[str], workers: int) -> float:
    """Seconds to decode all files."""
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        pool.map(bare, paths[: 8 * workers], 1)
        began = time.perf_counter()
        for _ in pool.imap_unordered(bare, paths, 64):
            pass
        return time.perf_counter() - began


@dataclass
class Run:
    """A process that imports, and what was seen of it."""

    found: ImportFolder
    workers: int
    most: int = 0  # KiB

    def start(self) -> None:
        """Start the process, in a group of its own."""
        environment = os.environ | {f"{PREFIX}DATA_DIR": str(self.found.folder.parents[1])}
        command = [sys.executable, "-m", IMPORTER, "--import", self.found.name]
        command += ["--workers", str(self.workers)]
        self.began = time.perf_counter()
        self.process = subprocess.Popen(command, env=environment, start_new_session=True)

    def until_blocks(self, count: int) -> float:
        """Wait for the first blocks; seconds since the start."""
        while not all(self.found.there(number) for number in range(count)):
            assert self.process.poll() is None, self.found.trouble
            time.sleep(0.005)
        return time.perf_counter() - self.began

    def until_done(self) -> float:
        """Wait for the end and watch the memory; seconds since the start."""
        while self.process.poll() is None:
            self.most = max(self.most, sum(map(proportional, family(self.process.pid))))
            time.sleep(0.2)
        assert self.process.returncode == 0, self.found.trouble
        return time.perf_counter() - self.began

    def until_half(self) -> None:
        """Wait until half is read, and kill all its processes."""
        done, total = self.found.progress
        while not total or done < total / 2:
            assert self.process.poll() is None, self.found.trouble
            time.sleep(0.02)
            done, total = self.found.progress
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def family(parent: int) -> Iterator[int]:
    """A process and those that it started, and so on."""
    yield parent
    try:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from family(int(child))


def proportional(process: int) -> int:
    """KiB of memory of a process, of what is shared its part."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has ended
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def digests(found: ImportFolder) -> list[tuple[str, str]]:
    """Each path and what its pixels are, in the order of items."""
    return [
        (record.entry.path, hashlib.sha256(pixels.tobytes()).hexdigest())
        for block in found.blocks
        for record, pixels in zip(block.records, block.pixels, strict=True)
    ]


def begun(data_dir: Path, source: Path, workers: int) -> Run:
    """An import that has been planned, and its process started."""
    run = Run(new_import(data_dir), workers)
    run.found.set_plan(ImportPlan(str(source)))
    run.start()
    return run


def killed(data_dir: Path, source: Path, workers: int, wanted: list[tuple[str, str]]) -> int:
    """Kill an import half way and resume it; how many images it had by then."""
    run = begun(data_dir, source, workers)
    run.until_half()
    done, _ = run.found.progress
    run.start()
    run.until_done()
    assert digests(ImportFolder(run.found.folder)) == wanted, "something was lost or changed"
    return done


def packed(root: Path) -> Path:
    """Put the files into an archive as they are."""
    with zipfile.ZipFile(root.with_suffix(".zip"), "w") as archive:
        for path in sorted(root.rglob("*.jpg")):
            archive.write(path, path.relative_to(root))
    return root.with_suffix(".zip")


def main() -> int:
    """Write the files, measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--side", type=int, default=640)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--zip", action="store_true")
    parser.add_argument("--keep", type=Path, help="where to keep the files, or find them")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        root = options.keep or Path(directory) / "files"
        if not root.is_dir():
            root.mkdir(parents=True)
            with multiprocessing.get_context("spawn").Pool(options.workers) as pool:
                write = partial(write_file, root, options.side)
                pool.map(write, range(options.files), 250)
        paths = sorted(map(str, root.rglob("*.jpg")))
        size = sum(Path(path).stat().st_size for path in paths)
        source = packed(root) if options.zip else root
        first = decoding(paths, options.workers)
        data_dir = Path(directory) / "data"
        run = begun(data_dir, source, options.workers)
        soon = run.until_blocks(min(2, -(-len(paths) // 256)))
        seconds = run.until_done()
        last = decoding(paths, options.workers)
        found = ImportFolder(run.found.folder)
        wanted = digests(found)
        assert sorted(path for path, _ in wanted) == sorted(
            str(Path(path).relative_to(root)) for path in paths
        )
        shutil.rmtree(found.folder)
        done = killed(data_dir, source, options.workers, wanted)
    plain = (first + last) / 2
    print(f"{len(paths):,} files, {size / 1e9:.2f} GB; killed at {done:,}, resumed without loss")
    print("| | images a second | seconds |\n|---|---|---|")
    print(f"| bare decoding | {len(paths) / plain:,.0f} | {first:.1f} and {last:.1f} |")
    print(f"| import | {len(paths) / seconds:,.0f} | {seconds:.1f} |")
    print(
        f"ratio {plain / seconds:.2f}; most memory {run.most / MIB:,.0f} MiB; "
        f"the first two blocks after {soon:.1f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
