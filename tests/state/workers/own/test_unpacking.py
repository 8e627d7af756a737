"""Where an importer unpacks: below its import."""

import os
import tempfile
from pathlib import Path

from state.workers.own.unpacking import unpacking_in


def test_temporary_files_lie_below_the_import_and_go_with_it(tmp_path):
    folder, before = tmp_path / "unpacked", tempfile.gettempdir()
    folder.mkdir()
    (folder / "left").touch()
    with unpacking_in(folder):
        with tempfile.TemporaryDirectory() as name:
            assert Path(name).parent == folder
        assert os.environ["TMPDIR"] == str(folder)
        assert list(folder.iterdir()) == []
    assert tempfile.gettempdir() == before
    assert not folder.exists()
