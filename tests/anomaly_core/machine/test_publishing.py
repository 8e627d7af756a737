"""A file is there whole or not at all."""

import pytest

from anomaly_core.machine.publishing import PART, published


def test_the_file_is_replaced_once_it_is_whole(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("before")

    def write(draft):
        draft.write_text("after")
        assert path.read_text() == "before"
        assert draft.name.endswith(PART)

    published(path, write)
    assert path.read_text() == "after"
    assert [one.name for one in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_what_could_not_be_written_leaves_everything_as_it_was(tmp_path, error):
    path = tmp_path / "a.txt"
    path.write_text("before")

    def write(draft):
        draft.write_text("half of ")
        raise error

    with pytest.raises(error):
        published(path, write)
    assert {one.name: one.read_text() for one in tmp_path.iterdir()} == {"a.txt": "before"}
