"""A TCP proxy on this machine that delays every byte, as a distant server would."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """Forward each piece `delay` seconds after it arrived; the delay of a piece does not add to that of the next."""
    waiting: asyncio.Queue = asyncio.Queue()

    async def deliver() -> None:
        while (item := await waiting.get()) is not None:
            due, data = item
            await asyncio.sleep(max(due - loop.time(), 0))
            writer.write(data)
            await writer.drain()
        writer.close()

    loop = asyncio.get_running_loop()
    delivery = asyncio.ensure_future(deliver())
    try:
        while data := await reader.read(65536):
            waiting.put_nowait((loop.time() + delay, data))
    except ConnectionError:
        pass
    waiting.put_nowait(None)
    await asyncio.gather(delivery, return_exceptions=True)


async def _end(server: asyncio.Server) -> None:
    """Accept no more connections and close the open ones."""
    server.close()
    connections = asyncio.all_tasks() - {asyncio.current_task()}
    for connection in connections:
        connection.cancel()
    await asyncio.gather(*connections, return_exceptions=True)


@contextmanager
def slow_line(port: int, *, round_trip_s: float) -> Iterator[int]:
    """A context that yields a port of this machine, which forwards to `port` with that round trip in seconds."""
    loop = asyncio.new_event_loop()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        half = round_trip_s / 2
        with suppress(asyncio.CancelledError):  # Python 3.11 fails if a connection ends as cancelled
            await asyncio.gather(_pass_on(reader, far_writer, half), _pass_on(far_reader, writer, half))

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(asyncio.start_server(connect, "127.0.0.1", 0), loop).result()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
