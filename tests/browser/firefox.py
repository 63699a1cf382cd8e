"""A real Firefox, driven by WebDriver BiDi (https://w3c.github.io/webdriver-bidi/): as much of it as the tests need.

Playwright drives a Firefox of its own only, which is not the one that people have.
"""

import json
import re
import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

PATIENCE_S = 30
CALL = "async (text) => JSON.stringify((await ({function})(...JSON.parse(text))) ?? null)"
OVERLAY_SCROLLBARS = 'user_pref("ui.useOverlayScrollbars", 1);\n'  # as phones have them: they take no room
UNTIL = """async (text, patience) => {
  const holds = new Function(`return ${text};`);
  for (const start = Date.now(); !holds(); await new Promise((done) => setTimeout(done, 30))) {
    if (Date.now() - start > patience) throw new Error(`It never came to ${text}`);
  }
}"""


def find_firefox() -> str | None:
    return next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)


class Firefox:
    """A browser until `close`. profile: an empty folder for what it writes."""

    def __init__(self, program: str, profile: Path):
        (profile / "user.js").write_text(OVERLAY_SCROLLBARS)
        command = [program, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
        self._closing = ExitStack()
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self._closing.callback(self._end)
        self._socket = self._closing.enter_context(connect(self._address() + "/session", max_size=None))
        self._calls = 0
        self.events: list[dict] = []
        self.call("session.new", capabilities={})
        self.call("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])

    def call(self, method: str, **params: Any) -> dict:
        """A command's result. Events that come meanwhile are kept in `events`."""
        self._calls += 1
        self._socket.send(json.dumps({"id": self._calls, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv(2 * PATIENCE_S))
            if message["type"] == "event":
                self.events.append(message)
            elif message["id"] == self._calls:
                assert message["type"] == "success", message
                return message["result"]

    def close(self) -> None:
        self._closing.close()

    def _address(self) -> str:
        assert self.process.stderr
        for line in self.process.stderr:
            if found := re.search(r"ws://\S+", line):
                return found[0]
        raise AssertionError("Firefox ended before it listened.")

    def _end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(20)
        assert self.process.stderr
        self.process.stderr.close()


class Visit:
    """A page for a new visitor, who has nothing but the page's own storage. Points are of a part, 256 a side."""

    def __init__(self, firefox: Firefox, address: str, *, width: int = 1280, height: int = 800):
        self.firefox, self.address = firefox, address
        self.person = firefox.call("browser.createUserContext")["userContext"]
        self.tab = firefox.call("browsingContext.create", type="tab", userContext=self.person)["context"]
        firefox.call("browsingContext.setViewport", context=self.tab, viewport={"width": width, "height": height})
        firefox.call("browsingContext.navigate", context=self.tab, url=address, wait="complete")

    def run(self, function: str, *arguments: Any) -> Any:
        """What a function of JavaScript gives for arguments, all of it as in JSON."""
        result = self.firefox.call(
            "script.callFunction",
            functionDeclaration=CALL.replace("{function}", function),
            arguments=[{"type": "string", "value": json.dumps(arguments)}],
            target={"context": self.tab},
            awaitPromise=True,
        )
        assert result["type"] == "success", result
        return json.loads(result["result"]["value"])

    def until(self, condition: str) -> None:
        """Waits for an expression of JavaScript to be true."""
        self.run(UNTIL, condition, 1000 * PATIENCE_S)

    def click(self, selector: str) -> None:
        self.run("(selector) => document.querySelector(selector).click()", selector)

    def stroke(self, selector: str, x0: float, y0: float, x1: float, y1: float, *, by: str = "mouse") -> None:
        """Over a part of the page, from point to point. by: "mouse", "touch" or "pen"."""
        box = """(selector) => {
          const node = document.querySelector(selector);
          node.scrollIntoView({ block: 'nearest' });
          const { left, top, width, height } = node.getBoundingClientRect();
          return [left, top, width, height];
        }"""
        left, top, width, height = self.run(box, selector)
        (a, b), (c, d) = [(left + x * width / 256, top + y * height / 256) for x, y in ((x0, y0), (x1, y1))]
        move = {"type": "pointerMove", "origin": "viewport"}
        steps = [
            {**move, "x": a, "y": b},
            {"type": "pointerDown", "button": 0},
            {**move, "x": (a + c) / 2, "y": (b + d) / 2},
            {**move, "x": c, "y": d},
            {"type": "pointerUp", "button": 0},
        ]
        hand = {"type": "pointer", "id": by, "parameters": {"pointerType": by}, "actions": steps}
        self.firefox.call("input.performActions", context=self.tab, actions=[hand])

    def reload(self) -> None:
        self.firefox.call("browsingContext.reload", context=self.tab, wait="complete")

    def problems(self) -> list[str]:
        """Errors and warnings of the page's scripts, and requests to anybody but its server."""
        mine = [each for each in self.firefox.events if self.tab in json.dumps(each["params"])]
        said = [each["params"] for each in mine if each["method"] == "log.entryAdded"]
        asked = [each["params"]["request"]["url"] for each in mine if each["method"] == "network.beforeRequestSent"]
        complaints = [f"{entry['level']}: {entry['text']}" for entry in said if entry["level"] in ("error", "warn")]
        return complaints + [url for url in asked if not url.startswith((self.address, "data:", "blob:"))]

    def leave(self) -> None:
        self.firefox.call("browsingContext.close", context=self.tab)
        self.firefox.call("browser.removeUserContext", userContext=self.person)
