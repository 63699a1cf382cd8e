"""The page's scripts: modules in app/web/static, joined to one script in one scope.

The page carries the script inside itself, so that it needs no further request and all its parts have one version.
Editors, the linter and the tests see modules with imports.
"""

import re
from pathlib import Path
from posixpath import dirname, join, normpath

STATIC = Path(__file__).parent / "static"
ENTRY = "page/parts.js"  # imports every other one, directly or not

# The forms that the scripts use, each at the beginning of a line. Any other stays in what is left and is an error.
IMPORT = re.compile(r"^import \{([^{}]*)\} from '(\.[^'\n]*)';\n", re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async function|function|const|let|class) (\w+))", re.MULTILINE)
# Types for editors and checkers: the page needs none.
TYPES = re.compile(r"^ */\*\*.*?\*/\n", re.MULTILINE | re.DOTALL)
LEFT = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


class ScriptError(Exception):
    """The modules cannot be joined."""


def read_scripts(folder: Path = STATIC) -> dict[str, str]:
    """Every script by its path in the folder."""
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in sorted(folder.rglob("*.js"))}


def join_scripts(scripts: dict[str, str], entry: str = ENTRY) -> str:
    """The entry and all that it imports as one script, which leaves nothing in the page's scope."""
    return "(() => {\n" + "\n".join(_plain(scripts[name], name) for name in in_order(scripts, entry)) + "\n})();"


def in_order(scripts: dict[str, str], entry: str = ENTRY) -> list[str]:
    """What the entry needs, each after what it imports, otherwise in the order of the imports."""
    done: list[str] = []
    _visit(entry, scripts, [], done)
    return done


def imports_of(text: str, name: str) -> dict[str, list[str]]:
    """What a script of this path imports: names by the path of the script that they come from."""
    found: dict[str, list[str]] = {}
    for names, address in IMPORT.findall(text):
        source = normpath(join(dirname(name), address))
        found.setdefault(source, []).extend(each.strip() for each in names.split(",") if each.strip())
    return found


def exports_of(text: str) -> list[str]:
    """The names that a script exports."""
    return EXPORT.findall(text)


def _visit(name: str, scripts: dict[str, str], importers: list[str], done: list[str]) -> None:
    if name in done:
        return
    if name in importers:
        circle = [*importers[importers.index(name) :], name]
        raise ScriptError(f"Scripts import each other in a circle: {' -> '.join(circle)}.")
    for source, names in imports_of(scripts[name], name).items():
        if source not in scripts:
            raise ScriptError(f"{name} imports {source}, which is not there.")
        for missing in set(names) - set(exports_of(scripts[source])):
            raise ScriptError(f"{name} imports {missing}, which {source} does not export.")
        _visit(source, scripts, [*importers, name], done)
    done.append(name)


def _plain(text: str, name: str) -> str:
    """A script without its imports, exports and types."""
    plain = EXPORT.sub("", IMPORT.sub("", TYPES.sub("", text)))
    if left := LEFT.search(plain):
        raise ScriptError(f"{name} has a form that is not joined: {left[0]}")
    return plain
