"""How much one address may ask: so many requests a second, so many at a time, so much of the event loop's processor.

A large body costs as several requests: all of it is read and looked at. A request that is refused for what it is costs
as any other. Nothing else is noted of anybody.
"""

import asyncio
import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil

from app.web.border.limits import Limits
from app.web.border.refusal import Refusal

ACCOUNT = "onestroke.account"  # the name of the address's account in the scope of a request
MAX_ADDRESSES = 20_000  # in the table; who asked longest ago, and asks nothing now, is dropped
BYTES_A_REQUEST = 1_000_000  # of a body: what it costs besides
SHORTEST_S = 0.001  # seconds of a wait: rounding may leave less to wait than a clock can tell
TOO_MANY = "That is too much from one address at once. Wait a moment and try again; nothing of yours is lost."


@dataclass(eq=False)
class Account:
    """One address. Of both budgets there is less than 0 after something that cost more than was left."""

    tokens: float  # requests that it may make at the time `when`
    processor_s: float  # seconds of the event loop's processor that it may use at that time
    when: float
    unheeded: float = 0.0  # times that it was told to wait, fewer after a while
    in_flight: int = 0
    line: asyncio.Lock = field(default_factory=asyncio.Lock)  # its requests that wait for processor time

    def charge(self, requests: float) -> None:
        """Pay for something that costs as so many requests more."""
        self.tokens -= requests

    def charge_bytes(self, size: int) -> None:
        """Pay for so many bytes that have arrived."""
        self.charge(size / BYTES_A_REQUEST)

    def use(self, seconds: float) -> None:
        """Pay for so much of the event loop's processor."""
        self.processor_s -= seconds


class Budgets:
    """Token buckets. Belongs to one event loop."""

    def __init__(self, limits: Limits, *, clock: Callable[[], float] = time.monotonic):
        self.limits, self.clock = limits, clock
        self.accounts: OrderedDict[str, Account] = OrderedDict()

    def account(self, address: str) -> Account:
        """The account of an address, as it is now."""
        full = Account(self.limits.burst, self.limits.processor_burst_s, self.clock())
        account = self.accounts.setdefault(address, full)
        self.accounts.move_to_end(address)
        self._refill(account)
        self._bound()
        return account

    @contextmanager
    def request(self, account: Account) -> Iterator[None]:
        """Holds one place of an address while its request is answered. Raises Refusal (429) if it has none left."""
        if account.tokens < 1:
            raise self._too_many(account, ceil((1 - account.tokens) / self.limits.requests_per_s))
        if account.in_flight >= self.limits.in_flight:
            raise self._too_many(account, 1)
        account.tokens -= 1
        account.in_flight += 1
        try:
            yield
        finally:
            account.in_flight -= 1

    async def processor_time(self, account: Account) -> None:
        """Waits while the address has used more of the event loop's processor than its share.

        Nobody is refused for it: many may paint at one address. Its requests go on one after the other.
        """
        async with account.line:
            while self._refill(account).processor_s < 0:
                await asyncio.sleep(max(-account.processor_s / self.limits.processor_share, SHORTEST_S))

    def turns_away(self, address: str) -> bool:
        """Whether the address was told to wait so often, and went on, that it gets no answer. Then this counts, too."""
        account = self.accounts.get(address)
        if account is None or self._refill(account).unheeded < self.limits.burst:
            return False
        self._note_unheeded(account)
        return True

    def _too_many(self, account: Account, retry_s: int) -> Refusal:
        self._note_unheeded(account)
        return Refusal(429, TOO_MANY, retry_s)

    def _note_unheeded(self, account: Account) -> None:
        account.unheeded = min(account.unheeded + 1, 2 * self.limits.burst)

    def _refill(self, account: Account) -> Account:
        now, limits = self.clock(), self.limits
        passed, account.when = now - account.when, now
        account.tokens = min(account.tokens + passed * limits.requests_per_s, limits.burst)
        account.processor_s = min(account.processor_s + passed * limits.processor_share, limits.processor_burst_s)
        account.unheeded = max(account.unheeded - 2 * passed * limits.requests_per_s, 0)
        return account

    def _bound(self) -> None:
        if len(self.accounts) > MAX_ADDRESSES:
            idle = next((name for name, account in self.accounts.items() if not account.in_flight), None)
            if idle is not None:
                del self.accounts[idle]


LOOPBACK = ipaddress.ip_network("::/64")  # as ::1 is counted; nobody else has an address in it


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


def is_this_computer(address: str) -> bool:
    """Whether an address, as it is counted, is this computer itself. What came through a proxy has another one."""
    try:
        network = ipaddress.ip_network(address)
    except ValueError:
        return False
    return network.network_address.is_loopback or network == LOOPBACK
