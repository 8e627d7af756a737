"""Where an importer unpacks: below its import."""

import os
import tempfile
from pathlib import Path

from state.workers.own.unpacking import unpacking_in


def test_temporary_files_lie_below_the_import_and_go_with_it(tmp_path):
    before = tempfile.gettempdir()
    with unpacking_in(tmp_path):
        with tempfile.TemporaryDirectory() as name:
            assert Path(name).parent.parent == tmp_path
            assert os.environ["TMPDIR"] == str(Path(name).parent)
        left = tempfile.mkdtemp()
    assert not Path(left).exists()
    assert tempfile.gettempdir() == before
    assert list(tmp_path.iterdir()) == []
