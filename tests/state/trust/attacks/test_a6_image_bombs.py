"""A6: image bombs, twenty at once, and damaged files cost bounded memory and a sentence each."""

import io
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image

from anomaly_core.errors import InvalidInput
from state.explore import drawing
from state.explore.drawing import MEGABYTES, TOO_HEAVY, TOO_LARGE, UNREADABLE, read_upload


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(side: int) -> bytes:
    """A small PNG file that unpacks to a side of so many pixels."""
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    packed = zlib.compress(b"\0" * min(side * (side + 1), 1_000_000), 9)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def sound(kind: str) -> bytes:
    file = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 255, (64, 48), np.uint8)
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


class TestA6ImageBombs:
    @pytest.mark.parametrize("side", [5_000, 20_000, 60_000, 2**31 - 1])
    def test_a_bomb_is_refused_before_it_is_unpacked(self, side):
        with pytest.raises(InvalidInput) as refused:
            read_upload(bomb(side))
        assert str(refused.value) in (TOO_LARGE, UNREADABLE)

    def test_what_is_too_heavy_is_refused_by_the_server_too(self):
        with pytest.raises(InvalidInput, match="more than"):
            read_upload(b"x" * (MEGABYTES * 1_048_576 + 1))
        assert "smaller" in TOO_HEAVY

    def test_twenty_at_once_are_read_one_after_the_other(self, monkeypatch):
        at_once, most, read = [0], [0], drawing._read

        def counted(data: bytes) -> drawing.Picture:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
            try:
                return read(data)
            finally:
                at_once[0] -= 1

        monkeypatch.setattr(drawing, "_read", counted)
        with ThreadPoolExecutor(20) as threads:
            found = list(threads.map(read_upload, [sound("PNG")] * 20))
        assert (len(found), most[0]) == (20, 1)

    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "WEBP"])
    def test_damaged_files_of_every_kind_are_a_sentence_each(self, kind):
        whole, rng = sound(kind), np.random.default_rng(1)
        for _ in range(75):
            damaged = bytearray(whole)
            for at in rng.integers(0, len(whole), 8):
                damaged[at] = rng.integers(256)
            cut = bytes(damaged[: rng.integers(1, len(whole) + 1)])
            with suppress(InvalidInput):  # anything else would be a traceback on the page
                assert read_upload(cut).size > 0
