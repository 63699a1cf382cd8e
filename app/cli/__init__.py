"""`python -m app.cli TASK ...`: every edit without the page, for one file or a folder of them.

Exit codes: 0 all files are made; 1 some could not be made, with a sentence for each on stderr; 2 wrong arguments; 130
stopped.
"""

import sys
from collections.abc import Sequence

from app.cli.parser import PROGRAM, build_parser
from app.cli.plan import UsageError, plan


def main(arguments: Sequence[str] | None = None, *, program: str = PROGRAM) -> int:
    """Returns the exit code. Nothing heavy is imported before the arguments are understood.

    program: how a person starts it, for the help.
    """
    parser = build_parser(program)
    options = parser.parse_args(arguments)
    try:
        tasks = [*plan(options)]
    except (UsageError, OSError) as error:
        print(f"{parser.prog} {options.task}: {error}", file=sys.stderr)
        return 2
    try:
        from app.cli.run import run

        return run(options, tasks)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
