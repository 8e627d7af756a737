import re
from pathlib import Path

import pytest

from state.scripts import link

ROOT = Path(__file__).parents[2]
ENTRIES = [
    file
    for folder in ("pages", "state")
    for file in sorted((ROOT / folder).rglob("*.js"))
    if re.search("^export default", file.read_text(), re.MULTILINE) or file.stem == "story"
]


def written(folder: Path, **modules: str) -> Path:
    """Write modules by name; return the path of `entry`."""
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text)
    return folder / "entry.js"


def test_a_module_runs_once_and_after_all_that_it_imports(tmp_path):
    entry = written(
        tmp_path,
        entry='import { a } from "./left.js"\nimport { b } from "./right.js"\nexport default a\n',
        left='import { one } from "./base.js"\nexport const a = one\n',
        right='import {\n  one as two,\n} from "./base.js"\nexport function b() { return two }\n',
        base="const hidden = 1\nexport const one = hidden\n",
    )
    assert link(entry) == (
        "const module0 = (() => {\nconst hidden = 1\nconst one = hidden\n\nreturn { one }\n})()\n"
        "const module1 = (() => {\nconst { one } = module0\nconst a = one\n\nreturn { a }\n})()\n"
        "const module2 = (() => {\nconst { one: two } = module0\n"
        "function b() { return two }\n\nreturn { b }\n})()\n"
        "const { a } = module1\nconst { b } = module2\nexport default a\n"
    )


@pytest.mark.parametrize(
    ("modules", "said"),
    [
        ({"entry": 'import { a } from "./gone.js"\n'}, "imports ./gone.js, which is not there"),
        (
            {"entry": 'import { a, c } from "./b.js"\n', "b": "export const a = 1\nconst c = 2\n"},
            r"imports \['c'\], no exports of ./b.js",
        ),
        (
            {
                "entry": 'import { b } from "./b.js"\n',
                "b": 'import { c } from "./c.js"\nexport const b = 1\n',
                "c": 'import { b } from "./b.js"\nexport const c = 1\n',
            },
            "in a circle: entry.js imports b.js imports c.js imports b.js",
        ),
        ({"entry": 'import * as all from "./b.js"\n'}, "because of this line: import"),
        ({"entry": 'import fs from "fs"\n'}, "because of this line: import fs"),
        ({"entry": "const a = 1\nexport { a }\n"}, "because of this line: export { a }"),
        ({"entry": "export let a = 1\n"}, "because of this line: export let a"),
    ],
)
def test_what_cannot_be_linked_is_refused(tmp_path, modules, said):
    with pytest.raises(ValueError, match=said):
        link(written(tmp_path, **modules))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda file: file.stem)
def test_our_own_are_linked_into_one_script(entry):
    script = link(entry)
    assert not re.search("^(import|export (?!default))|@import", script, re.MULTILINE)
    assert len(re.findall("^export default", script, re.MULTILINE)) == (entry.stem != "story")


def test_every_script_is_part_of_a_component():
    linked = "".join(link(entry) for entry in ENTRIES)
    for file in (ROOT / "pages").rglob("*.js"):
        unchanged = re.split(
            r"^(?:import|export|/\*\* @import).*", file.read_text(), flags=re.MULTILINE
        )
        assert max(unchanged, key=len) in linked, file
