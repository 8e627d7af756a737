"""The hash of every file tells what is no longer what was published."""

import hashlib

import pytest

from state.files.hashes import hashes_of, sha256_of, torn

CONTENT = {"a.npy": b"an array", "b/c.json": b"{}", "empty": b""}


@pytest.fixture
def folder(scratch):
    for name, content in CONTENT.items():
        (scratch / "1" / name).parent.mkdir(parents=True, exist_ok=True)
        (scratch / "1" / name).write_bytes(content)
    return scratch / "1"


def flip(path):
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])


HARM = {
    "a flipped bit": flip,
    "a cut": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "more": lambda path: path.write_bytes(path.read_bytes() + b"\0"),
    "removal": lambda path: path.unlink(),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


def test_every_file_has_its_hash(folder):
    assert hashes_of(folder) == {
        name: hashlib.sha256(content).hexdigest() for name, content in CONTENT.items()
    }


def test_large_file_hashes_like_its_bytes(scratch):
    content = bytes(range(256)) * 10_000
    (scratch / "large").write_bytes(content)
    assert sha256_of(scratch / "large") == hashlib.sha256(content).hexdigest()


def test_what_was_published_is_whole_and_what_lies_beside_does_not_count(folder):
    files = hashes_of(folder)
    (folder / "more.npy").write_bytes(b"added")
    assert torn(folder, files) == []


@pytest.mark.parametrize("harm", HARM)
@pytest.mark.parametrize("name", ["a.npy", "b/c.json"])
def test_file_that_was_harmed_is_named(folder, name, harm):
    files = hashes_of(folder)
    HARM[harm](folder / name)
    assert torn(folder, files) == [name]


def test_everything_is_torn_where_the_folder_is_gone(scratch):
    assert torn(scratch / "gone", {"a": "0", "b": "1"}) == ["a", "b"]
