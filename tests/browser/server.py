"""A server process for a test: started, waited for, ended by its id."""

import re
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 180


class Server:
    """`python -m MODULE ARGUMENTS` in the repository, until `end`. `lines` is what it has printed so far.

    surroundings: its environment, if it is another than ours.
    """

    def __init__(self, module: str, *arguments: str, surroundings: Mapping[str, str] | None = None):
        self.command, self.surroundings = [sys.executable, "-m", module, *arguments], surroundings
        self.start()

    def start(self) -> None:
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=self.surroundings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.address = self._wait_for_address()

    def evaluations(self) -> int:
        return self.lines.count("evaluation")

    def end(self, *, suddenly: bool = False) -> None:
        (self.process.kill if suddenly else self.process.terminate)()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(20)
        self.reader.join(20)
        self.process.stdout.close()

    def restart(self) -> None:
        """Again, at the address that the browser knows."""
        port = self.address.rstrip("/").rsplit(":", 1)[1]
        self.command = [*self.command, "--port", port]
        self.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self.lines.append(line.strip())

    def _wait_for_address(self) -> str:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and self.process.poll() is None:
            for line in list(self.lines):
                if found := re.search(r"http://\S+", line):
                    return found[0]
            time.sleep(0.05)
        self.end(suddenly=True)
        raise AssertionError("The server did not start:\n" + "\n".join(self.lines))
