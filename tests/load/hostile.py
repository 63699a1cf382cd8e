"""One hostile visitor at one address. Each act is what somebody could do who wants the page to fail for the others.

`python -m tests.load.hostile ADDRESS SECONDS` does all acts again and again, and prints `came` and `spans` as JSON. It
yields the processor to the server: its work would be done on another computer.
"""

import asyncio
import contextlib
import itertools
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.edits.data_url import to_data_url
from tests.load import bombs
from tests.load.page import CALL_FUNCTION, JOIN, JSON, RUN, Page, visit
from tests.picture_files import packed_png

ADDRESS = "203.0.113.66"
CONNECTIONS = 200  # with half a request each
ACT_S = 60.0  # seconds that an act may take
STALLED, CLOSED = "no answer in time", "hung up"

FORM = {"content-type": "multipart/form-data; boundary=edge"}
ROUTES = (
    "gradio_api/deep_link",
    "gradio_api/proxy=http://a.example/",
    "monitoring/summary",
    "docs",
    "gradio_api/cancel",
)
PAPER = to_data_url(packed_png([bytes(3 * 64)] * 64, 64, 8, 2), "png")


@dataclass
class Hostile:
    """hold_s: seconds for which half a request is held. times: how often an act does what costs much.

    `came`: what came of each act, counted. `spans`: each act, when it began and when it ended, in seconds of the clock
    on the wall.
    """

    page: Page
    client: httpx.AsyncClient
    victims: tuple[str, ...] = ()  # names of other visitors
    hold_s: float = 3.0
    times: int = 10
    came: dict[str, Counter[str]] = field(default_factory=dict)
    spans: list[tuple[str, float, float]] = field(default_factory=list)
    numbers: Iterable[int] = field(default_factory=itertools.count)

    async def do_all(self) -> None:
        """Every act once."""
        for name, act in ACTS.items():
            outcomes, began = self.came.setdefault(name, Counter()), time.time()
            try:
                async with asyncio.timeout(ACT_S):
                    outcomes.update(await act(self))
            except (TimeoutError, httpx.TimeoutException):
                outcomes[STALLED] += 1
            finally:
                self.spans.append((name, began, time.time()))

    async def ask(self, path: str, body: bytes | None = None, **headers: str) -> httpx.Response | None:
        """The answer to a request; None if the server hangs up."""
        method, named = ("GET", {}) if body is None else ("POST", JSON)
        named = named | {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            return await self.client.request(method, path, content=body, headers=named)
        except (httpx.NetworkError, httpx.RemoteProtocolError):
            return None

    async def statuses(self, *requests: Awaitable[httpx.Response | None]) -> list[str]:
        """What came of requests that are made together."""
        return [outcome(answer) for answer in await asyncio.gather(*requests)]

    def new_name(self) -> str:
        """Of one more invented visitor."""
        return f"invented-{next(self.numbers)}"

    def painted(self, **value: Any) -> dict[str, Any]:
        """A painting's value."""
        settings = {"look": None, "steps": 1, "strength": 0.5, "seed": 3}
        about = {"seq": 1, "visitor": self.new_name(), "task": "paint", "kind": "live"}
        return {**about, "image": PAPER, "settings": settings, **value}


def outcome(answer: httpx.Response | None) -> str:
    """A refusal's status, or what an answer's message says of itself."""
    if answer is None:
        return CLOSED
    if answer.status_code != 200:
        return str(answer.status_code)
    with contextlib.suppress(ValueError):
        said = answer.json()
        said = said["data"][0] if isinstance(said, dict) and said.get("data") else said
        if isinstance(said, dict):
            return str(said.get("state") or ("error" if "error" in said else "done"))
    return "done"


async def closed_routes(hostile: Hostile) -> list[str]:
    return await hostile.statuses(*(hostile.ask(path) for path in ROUTES * 20))


async def foreign_origins(hostile: Hostile) -> list[str]:
    asked = (hostile.ask(path, b"{}", origin="https://evil.example") for path in (JOIN, RUN) * 50)
    return await hostile.statuses(*asked)


async def bad_bodies(hostile: Hostile) -> list[str]:
    bodies = [*bombs.WIDE, *bombs.DEEP, *bombs.ODD]
    return await hostile.statuses(*(hostile.ask(path, body) for body in bodies for path in (JOIN, RUN)))


async def largest_bodies(hostile: Hostile) -> list[str]:
    return await hostile.statuses(*(hostile.ask(JOIN, bombs.LARGEST) for _ in range(3 * hostile.times)))


async def half_requests(hostile: Hostile) -> list[str]:
    """Headers that do not end, bodies that do not come, and bytes that are no HTTP."""
    where = httpx.URL(hostile.page.address)
    starts = (
        b"GET / HTTP/1.1\r\nhost: localh",
        f"POST /{JOIN} HTTP/1.1\r\nhost: localhost\r\nx-forwarded-for: {ADDRESS}\r\n"
        "content-type: application/json\r\ncontent-length: 1000\r\n\r\n{".encode(),
        b"\x16\x03\x01 no HTTP\r\n\r\n",
    )
    writers = []
    for start in starts * (CONNECTIONS // len(starts)):
        _, writer = await asyncio.open_connection(where.host, where.port)
        writer.write(start)
        writers.append(writer)
    await asyncio.sleep(hostile.hold_s)
    for writer in writers:
        writer.transport.abort()
    return ["left"] * len(writers)


def form(*files: bytes, fields: int = 0) -> bytes:
    """A form of files and fields."""
    head = b'--edge\r\ncontent-disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    one = b'--edge\r\ncontent-disposition: form-data; name="x"\r\n\r\ny\r\n'
    return b"".join(head + file + b"\r\n" for file in files) + one * fields + b"--edge--\r\n"


async def odd_uploads(hostile: Hostile) -> list[str]:
    forms = (form(b"a", b"b"), form(fields=1_000), form(b"a", fields=1), form(), b"no form")
    return await hostile.statuses(*(hostile.ask("gradio_api/upload", body, **FORM) for body in forms))


async def aborted_uploads(hostile: Hostile) -> list[str]:
    async def part() -> Any:
        yield form(bytes(2_000_000))[:1_500_000]
        raise httpx.WriteError("The visitor has gone.")

    async def upload() -> str:
        with contextlib.suppress(httpx.HTTPError):
            await hostile.client.post("gradio_api/upload", content=part(), headers=FORM)
        return "left"

    return list(await asyncio.gather(*(upload() for _ in range(10))))


async def zeros(hostile: Hostile) -> list[str]:
    """As many as an address may store, and more."""
    return [outcome(await open_picture(hostile, bytes(60_000_000))) for _ in range(hostile.times)]


async def picture_bombs(hostile: Hostile) -> list[str]:
    return await hostile.statuses(*(open_picture(hostile, data) for data in bombs.pictures().values()))


async def open_picture(hostile: Hostile, data: bytes, **message: Any) -> httpx.Response | None:
    """Upload a file and open it as a photo."""
    stored = await hostile.ask("gradio_api/upload", form(data), **FORM)
    if stored is None or stored.status_code != 200:
        return stored
    message = {"visitor": hostile.new_name(), "path": stored.json()[0], **message}
    return await hostile.ask(CALL_FUNCTION, hostile.page.called(hostile.page.photo, "open_photo", message))


async def photo_strokes(hostile: Hostile) -> list[str]:
    message = {"image": to_data_url(bombs.pictures()["a large photo"], "jpeg")}
    body = hostile.page.called(hostile.page.paper, "photo_strokes", message)
    return await hostile.statuses(*(hostile.ask(CALL_FUNCTION, body) for _ in range(hostile.times)))


async def invented_names(hostile: Hostile) -> list[str]:
    page = hostile.page
    return await hostile.statuses(
        *(hostile.ask(RUN, page.asked(page.live, hostile.painted())) for _ in range(10 * hostile.times))
    )


async def unread_jobs(hostile: Hostile) -> list[str]:
    """Pictures for which nobody waits."""
    bodies = [jobs_of(hostile, hostile.new_name()) for _ in range(4 * hostile.times)]
    return await hostile.statuses(*(hostile.ask(JOIN, body) for body in bodies))


def jobs_of(hostile: Hostile, session: str) -> bytes:
    """A request for sixteen pictures."""
    value = hostile.painted(task="generate", kind="refine", image=None)
    value["settings"] = {"count": 16, "steps": 4, "seed": 1}
    return hostile.page.asked(hostile.page.edit, value, session)


async def far_numbers(hostile: Hostile) -> list[str]:
    """Changes that other visitors have not made, and ends of requests that are theirs."""
    page = hostile.page
    seqs = (2**53 - 1, 1_000_000, 12_000, -1, 1.5, True)
    names = (*hostile.victims, hostile.new_name(), "", "x" * 41)
    calls = itertools.product(("newest", "cancel", "queue_position"), names, seqs)
    bodies = [
        page.called(page.paper, call, {"visitor": name, "seq": seq, "task": "paint"}) for call, name, seq in calls
    ]
    return await hostile.statuses(*(hostile.ask(CALL_FUNCTION, body) for body in bodies))


async def left_batches(hostile: Hostile) -> list[str]:
    """Batches whose stream of answers is opened and left."""
    visitor, session = hostile.new_name(), hostile.new_name()
    data = bombs.pictures()["a large photo"]
    opened = [await open_picture(hostile, data, visitor=visitor, batch=True) for _ in range(4)]
    photos = [each.json().get("photo") for each in opened if each is not None and each.status_code == 200]
    value = hostile.painted(visitor=visitor, task="colorize", kind="batch", photos=photos, image=None)
    joined = await hostile.ask(JOIN, hostile.page.asked(hostile.page.edit, value, session))
    await listen_a_moment(hostile, f"gradio_api/queue/data?session_hash={session}")
    return [outcome(joined)]


async def scripts(hostile: Hostile) -> list[str]:
    """Calls of endpoints with too few values, odd ones and good ones, some of whose answers are read."""
    values: list[dict[str, Any]] = [{"count": 16}, {"count": -1}, {"count": "x" * 1_000}, {"none": 1}, {}]
    asked = [hostile.ask("gradio_api/call/v2/generate", json.dumps(each).encode()) for each in values * 2]
    asked += [hostile.ask("gradio_api/call/paint", b'{"data":[]}'), hostile.ask("gradio_api/call/nothing", b"{}")]
    answers = await asyncio.gather(*asked)
    ids = [each.json()["event_id"] for each in answers if each is not None and each.status_code == 200]
    await asyncio.gather(*(listen_a_moment(hostile, f"gradio_api/call/generate/{each}") for each in ids[::2]))
    return [outcome(each) for each in answers]


async def listen_a_moment(hostile: Hostile, path: str) -> None:
    """Read the beginning of a stream of answers, and go away."""
    with contextlib.suppress(httpx.HTTPError, TimeoutError):
        async with asyncio.timeout(hostile.hold_s), hostile.client.stream("GET", path) as stream:
            async for _ in stream.aiter_bytes():
                break


Act = Callable[[Hostile], Awaitable[list[str]]]
ACTS: dict[str, Act] = {
    "closed routes": closed_routes,
    "foreign origins": foreign_origins,
    "deep, wide and odd JSON": bad_bodies,
    "largest bodies": largest_bodies,
    "half requests": half_requests,
    "odd uploads": odd_uploads,
    "aborted uploads": aborted_uploads,
    "zeros": zeros,
    "picture bombs": picture_bombs,
    "strokes of a large photo": photo_strokes,
    "invented names": invented_names,
    "unread jobs": unread_jobs,
    "others' names, far numbers": far_numbers,
    "left batches": left_batches,
    "calls of scripts": scripts,
}


async def attack(address: str, seconds: float, victims: tuple[str, ...] = ()) -> Hostile:
    """All acts again and again, for so long. Returns who did it."""
    until = time.monotonic() + seconds
    page = await asyncio.to_thread(Page.at, address)
    async with visit(page, ADDRESS) as client:
        hostile = Hostile(page, client, victims)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(asyncio.get_running_loop().time() + until - time.monotonic()):
                while True:
                    await hostile.do_all()
    return hostile


def main() -> None:
    """Attack, then print the counts."""
    address, seconds, *victims = sys.argv[1:]
    os.nice(5)
    bombs.pictures()
    print("ready", flush=True)
    sys.stdin.readline()
    done = asyncio.run(attack(address, float(seconds), tuple(victims)))
    print(json.dumps({"came": done.came, "spans": done.spans}))


if __name__ == "__main__":
    main()
