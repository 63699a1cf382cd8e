"""Connections: how many one address may hold open, and how long it may take to say what it wants.

Who goes on although told to wait is hung up on, before anything of a request is looked at.
uvicorn waits for ever for the rest of a request's headers, so a few thousand half-sent ones would keep out everybody.
"""

import asyncio
from collections import Counter
from typing import Any, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

from app.web.border.budgets import Budgets, address_of
from app.web.border.limits import Limits

HEADERS_S = 15.0  # seconds from the first byte, or from the connection, to the end of the headers


class Connections:
    """The open connections of each address, and of proxies, which speak for many and are one address here."""

    def __init__(self, limits: Limits):
        self.limits = limits
        self.open: Counter[str] = Counter()

    def admit(self, address: str) -> bool:
        """Count one more connection if there is room for it. Every admitted one is given back by `leave`."""
        most = self.limits.all_connections if _is_own(address) else self.limits.connections
        if self.open[address] >= most or self.open.total() >= self.limits.all_connections:
            return False
        self.open[address] += 1
        return True

    def leave(self, address: str) -> None:
        """The connection of an admitted address is closed."""
        self.open[address] -= 1
        if not self.open[address]:
            del self.open[address]


def _is_own(address: str) -> bool:
    """Whether this is the computer itself, where a proxy or a tunnel may run."""
    return address.startswith("127.") or address == "::/64"


def bounded_protocol(connections: Connections, budgets: Budgets) -> type[H11Protocol]:
    """uvicorn's HTTP protocol for `Config.http_protocol_class`, with a clock and a count."""

    class BoundedProtocol(H11Protocol):
        address: str | None = None  # of an admitted connection
        clock: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            address = address_of(self.client)
            if self._is_turned_away(address) or not connections.admit(address):
                cast(asyncio.Transport, self.transport).abort()
                return
            self.address = address
            self._start_clock()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop_clock()
            if self.address is not None:
                connections.leave(self.address)
                self.address = None
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            if self._awaits_request and self._is_turned_away(self.address):
                cast(asyncio.Transport, self.transport).abort()
                return
            super().data_received(data)
            if not self._awaits_request:
                self._stop_clock()
            elif self.clock is None:
                self._start_clock()

        def on_response_complete(self) -> None:
            self._stop_clock()
            super().on_response_complete()

        @property
        def _awaits_request(self) -> bool:
            return self.cycle is None or self.cycle.response_complete

        def _is_turned_away(self, address: str | None) -> bool:
            """A proxy never is: it speaks for many, and those are turned away by the guard."""
            return address is not None and not _is_own(address) and budgets.turns_away(address)

        def _start_clock(self) -> None:
            self.clock = self.loop.call_later(HEADERS_S, self.transport.abort)

        def _stop_clock(self) -> None:
            if self.clock is not None:
                self.clock.cancel()
                self.clock = None

    return BoundedProtocol
