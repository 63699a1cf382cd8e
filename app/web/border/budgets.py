"""How much one address may ask: so many requests a second, so many at a time. Nothing else is noted of anybody.

A large body costs as several requests: all of it is read and looked at.
"""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil

from app.web.border.limits import Limits
from app.web.border.refusal import Refusal

MAX_ADDRESSES = 20_000  # in the table; who asked longest ago, and asks nothing now, is dropped
BYTES_A_REQUEST = 1_000_000  # of a body: what it costs besides
TOO_MANY = "That is too much from one address at once. Wait a moment and try again; your strokes are kept."


@dataclass(eq=False)
class Account:
    """One address. `tokens`: requests that it may make at the time `when`, less than 0 after large bodies."""

    tokens: float
    when: float
    in_flight: int = 0

    def charge(self, size: int) -> None:
        """Pay for so many bytes that have arrived."""
        self.tokens -= size / BYTES_A_REQUEST


class Budgets:
    """Token buckets. Belongs to one event loop."""

    def __init__(self, limits: Limits, *, clock: Callable[[], float] = time.monotonic):
        self.limits, self.clock = limits, clock
        self.accounts: OrderedDict[str, Account] = OrderedDict()

    @contextmanager
    def request(self, address: str, cost: int = 1) -> Iterator[Account]:
        """Holds one place of the address while its request is answered. Raises Refusal (429) if it has none left.

        Yields the address's account, for what is charged later.
        """
        account = self._account(address)
        if account.tokens < cost:
            raise Refusal(429, TOO_MANY, ceil((cost - account.tokens) / self.limits.requests_per_s))
        if account.in_flight >= self.limits.in_flight:
            raise Refusal(429, TOO_MANY, 1)
        account.tokens -= cost
        account.in_flight += 1
        try:
            yield account
        finally:
            account.in_flight -= 1

    def _account(self, address: str) -> Account:
        now = self.clock()
        account = self.accounts.setdefault(address, Account(self.limits.burst, now))
        self.accounts.move_to_end(address)
        gained = (now - account.when) * self.limits.requests_per_s
        account.tokens, account.when = min(account.tokens + gained, self.limits.burst), now
        self._bound()
        return account

    def _bound(self) -> None:
        if len(self.accounts) > MAX_ADDRESSES:
            idle = next((name for name, account in self.accounts.items() if not account.in_flight), None)
            if idle is not None:
                del self.accounts[idle]


def address_of(client: tuple[str, int] | None) -> str:
    """The address that is counted: all of one household's IPv6 addresses, 64 bits, are one."""
    host = client[0] if client else "unknown"
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return host
    if number.version == 4:
        return host
    mapped = number.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.ip_network((int(number), 64), strict=False))
