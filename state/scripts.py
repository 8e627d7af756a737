"""JavaScript modules linked into one script, for where no module can be fetched.

A module may `import { a, b as c } from "./other.js"` and `export` a `const`, `class` or `function`,
each at the start of a line; the entry may `export default`. Each module keeps a scope of its own
and runs once, after all that it imports.
"""

import re
from pathlib import Path

IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.{1,2}/[^"]+)"$', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:const|class|(?:async )?function) (\w+))", re.MULTILINE)
TYPES = re.compile(r"^/\*\* @import .*\*/\n", re.MULTILINE)  # told to the checker of types alone
OTHER = re.compile(r"^(?:import|export)\b(?! default\b).*", re.MULTILINE)


def link(entry: Path) -> str:
    """Return the entry and every module that it imports, however far, as one script.

    Raises ValueError for modules that are not there, import each other in a circle, import what is
    not exported, or say it in another way.
    """
    scopes: dict[Path, str] = {}
    last = _body(entry.resolve(), (), scopes)
    return "\n".join([*scopes.values(), last])


def _body(module: Path, above: tuple[Path, ...], scopes: dict[Path, str]) -> str:
    """Return a module's text with constants for its imports, whose scopes are added before."""
    above = (*above, module)

    def constants(found: re.Match[str]) -> str:
        other = (module.parent / found[2]).resolve()
        if not other.is_file():
            raise ValueError(f"{module.name} imports {found[2]}, which is not there.")
        if other in above:
            circle = " imports ".join(file.name for file in (*above, other))
            raise ValueError(f"Modules cannot import each other in a circle: {circle}.")
        if other not in scopes:
            scopes[other] = _scope(other, above, scopes)
        names = [name.strip() for name in found[1].split(",") if name.strip()]
        missing = {name.split()[0] for name in names} - set(_exports(other))
        if missing:
            raise ValueError(f"{module.name} imports {sorted(missing)}, no exports of {found[2]}.")
        taken = ", ".join(name.replace(" as ", ": ") for name in names)
        return f"const {{ {taken} }} = module{list(scopes).index(other)}"

    text = TYPES.sub("", module.read_text(encoding="utf-8"))
    text = EXPORT.sub("", IMPORT.sub(constants, text))
    if other := OTHER.search(text):
        raise ValueError(f"{module.name} cannot be linked because of this line: {other[0]}")
    return text


def _scope(module: Path, above: tuple[Path, ...], scopes: dict[Path, str]) -> str:
    """Return a module as a constant that holds what it exports."""
    text = _body(module, above, scopes)
    given = ", ".join(_exports(module))
    return f"const module{len(scopes)} = (() => {{\n{text}\nreturn {{ {given} }}\n}})()"


def _exports(module: Path) -> list[str]:
    return EXPORT.findall(module.read_text(encoding="utf-8"))
