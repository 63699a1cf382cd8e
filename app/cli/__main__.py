"""`python -m app.cli`: see app/cli/__init__.py."""

import sys

from app.cli import main

if __name__ == "__main__":
    sys.exit(main())
