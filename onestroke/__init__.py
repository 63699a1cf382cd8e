"""Onestroke as an installed package.

An installation puts the folders of the repository inside this package: `app`, `core`, `training` and `assets`. Their
names are too common to be claimed for a whole Python environment, so a program sees them only after it has imported
`onestroke`, which makes `import core` work as in the repository.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

# Found through the package and not beside this file: an editable installation (`pip install -e`) leaves them where
# they are. In the repository itself there is nothing to find: there they can be imported as they are.
_app = find_spec("onestroke.app")
if _app and _app.origin:
    sys.path.insert(0, str(Path(_app.origin).parents[1]))


def serve_page() -> int:
    """The command `onestroke`: `python -m app` from anywhere. Returns the exit code."""
    from app.__main__ import main

    return main(program="onestroke")


def edit_files() -> int:
    """The command `onestroke-edit`: `python -m app.cli` from anywhere. Returns the exit code."""
    from app.cli import main

    return main(program="onestroke-edit")
