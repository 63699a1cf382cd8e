"""The scripts as modules, and the one script that they are joined to."""

import re
from pathlib import Path

import pytest

from app.web.scripts import ENTRY, ScriptError, exports_of, imports_of, in_order, join_scripts, read_scripts

ROOT = Path(__file__).resolve().parents[3]
SCRIPTS = read_scripts()
NAMES = pytest.mark.parametrize("name", SCRIPTS)
DECLARED = re.compile(r"^(?:async function|function|const|let|var|class) (\w+)", re.MULTILINE)
UNPACKED = re.compile(r"^(?:const|let|var) [^\w]", re.MULTILINE)  # several names at once: not counted above
TYPES = re.compile(r"^ */\*\*(?:[^*]|\*(?!/))*\*/\n", re.MULTILINE)  # comments of the form that editors read
# Of the tests in Node, which import the scripts as they are.
TESTED = re.compile(r"^import \{([^{}]*)\} from '[./]*/app/web/static/([^'\n]*)';$", re.MULTILINE)


def names_in_tests() -> set[tuple[str, str]]:
    """What the tests in Node import: (script, name)."""
    texts = [path.read_text("utf-8") for path in (ROOT / "tests" / "scripts").glob("*.mjs")]
    found = [(source, names) for text in texts for names, source in TESTED.findall(text)]
    return {(source, name.strip()) for source, names in found for name in names.split(",")}


def test_every_script_comes_after_what_it_imports():
    order = in_order(SCRIPTS)
    assert sorted(order) == sorted(SCRIPTS)
    assert order[-1] == ENTRY
    for at, name in enumerate(order):
        assert set(imports_of(SCRIPTS[name], name)) <= set(order[:at]), name


def test_nothing_of_modules_is_left_in_the_joined_script():
    joined = join_scripts(SCRIPTS)
    assert not re.search(r"^\s*(import|export)\b", joined, re.MULTILINE)
    assert joined.count("window.onestrokeParts = ") == 1


def test_the_joined_script_holds_every_line_of_the_modules_but_their_types():
    joined = join_scripts(SCRIPTS).splitlines()
    code = [TYPES.sub("", text) for text in SCRIPTS.values()]
    lines = [line.removeprefix("export ") for text in code for line in text.splitlines()]
    lines = [line for line in lines if not line.startswith("import ")]
    assert sorted(filter(str.strip, joined)) == sorted([*filter(str.strip, lines), "(() => {", "})();"])


@NAMES
def test_every_import_names_an_export(name):
    for source, names in imports_of(SCRIPTS[name], name).items():
        assert set(names) <= set(exports_of(SCRIPTS[source])), source


@NAMES
def test_every_imported_name_is_used(name):
    body = re.sub(r"^(import|//) .*", "", TYPES.sub("", SCRIPTS[name]), flags=re.MULTILINE)
    imported = [each for names in imports_of(SCRIPTS[name], name).values() for each in names]
    assert len(imported) == len(set(imported))
    assert not [each for each in imported if not re.search(rf"(?<![\w.]){each}\b", body.replace("...", "... "))]


def test_every_export_is_used_by_somebody():
    used = {
        (source, each)
        for name, text in SCRIPTS.items()
        for source, names in imports_of(text, name).items()
        for each in names
    }
    exported = {(name, each) for name, text in SCRIPTS.items() for each in exports_of(text)}
    assert not exported - used - names_in_tests()
    assert not names_in_tests() - exported


def test_no_name_is_declared_twice_in_the_joined_scope():
    joined = join_scripts(SCRIPTS)
    declared = DECLARED.findall(joined)
    assert len(declared) > 100
    assert sorted(declared) == sorted(set(declared))
    assert not UNPACKED.search(joined)


def test_every_component_has_a_function_that_is_given_out():
    from app.web import components

    bodies = {part.body for part in components._Part.__subclasses__()}
    given = re.search(r"window\.onestrokeParts = \{([^}]*)\}", SCRIPTS[ENTRY])[1]
    assert {name.strip() for name in given.split(",")} == bodies
    for name, text in SCRIPTS.items():
        for body in bodies & set(exports_of(text)):
            takes = re.search(rf"^export function {body}\(\{{ ([^}}]*) \}}\) \{{$", text, re.MULTILINE)[1]
            assert set(takes.split(", ")) <= set(components.SCOPE.split(", ")), name


def test_modules_are_joined_in_the_order_of_their_imports():
    scripts = {
        "a.js": "import { b } from './sub/b.js';\nimport { c, C } from './c.js';\nb(c, C);\n",
        "sub/b.js": "// What b does.\nimport { c } from '../c.js';\n\nexport async function b() { return c; }\n",
        "c.js": "/** @type {X} */\nexport const c = 1;\n/**\n * export\n */\nexport class C {}\nconst d = 'export';\n",
        "unused.js": "export const e = 1;\n",
    }
    assert in_order(scripts, "a.js") == ["c.js", "sub/b.js", "a.js"]
    assert join_scripts(scripts, "a.js") == (
        "(() => {\nconst c = 1;\nclass C {}\nconst d = 'export';\n\n"
        "// What b does.\n\nasync function b() { return c; }\n\nb(c, C);\n\n})();"
    )


@pytest.mark.parametrize(
    ("scripts", "words"),
    [
        ({"a.js": "import { b } from './b.js';\n"}, "a.js imports b.js, which is not there"),
        ({"a.js": "import { c } from './b.js';\n", "b.js": "const c = 1;\n"}, "a.js imports c, which b.js does not"),
        (
            {
                "a.js": "import { b } from './b.js';\n",
                "b.js": "import { c } from './c.js';\nexport const b = 1;\n",
                "c.js": "import { b } from './b.js';\nexport const c = 1;\n",
            },
            "in a circle: b.js -> c.js -> b.js",
        ),
        ({"a.js": "import * as b from './b.js';\n"}, "not joined: import"),
        ({"a.js": "import './b.js';\n"}, "not joined: import"),
        ({"a.js": "import { b } from './b.js'; b();\n"}, "not joined: import"),
        ({"a.js": "export default 1;\n"}, "not joined: export default"),
        ({"a.js": "const a = 1;\nexport { a };\n"}, "not joined: export {"),
    ],
)
def test_what_cannot_be_joined_is_an_error(scripts, words):
    with pytest.raises(ScriptError, match=re.escape(words)):
        join_scripts(scripts, "a.js")
