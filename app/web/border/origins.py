"""From where a request may come: from the page itself, or from a program; never from another site's page.

A browser lets any page post to any address, the visitor's own computer among them. It then names the page's site as the
request's Origin. And a site whose name suddenly means 127.0.0.1 (DNS rebinding) is known by the Host that it names.
"""

import ipaddress
from urllib.parse import urlsplit

from app.web.border.refusal import Refusal

FOREIGN = "This request comes from another site's page. Open Onestroke's own page."
OTHER_NAME = "This computer's Onestroke answers to localhost only. Open http://localhost with its port."


def check_origin(headers: dict[bytes, bytes]) -> None:
    """Raises Refusal if a browser sends this for another site: the Origin is there and is not the page's own.

    headers: with names in lower case. Behind a proxy the page's own host may be in X-Forwarded-Host. No page of another
    site can set that.
    """
    origin = headers.get(b"origin")
    if origin is None:
        return
    own = {headers.get(name, b"").lower() for name in (b"host", b"x-forwarded-host")}
    if _host_and_port(origin) not in own - {b""}:
        raise Refusal(403, FOREIGN)


def check_host(headers: dict[bytes, bytes]) -> None:
    """Raises Refusal if the Host is no name of this computer to itself. For a server that listens on loopback alone."""
    name = _name(headers.get(b"host", b""))
    if not (name == "localhost" or name.endswith(".localhost") or _is_loopback(name)):
        raise Refusal(421, OTHER_NAME)


def is_local(host: str | None) -> bool:
    """Whether a server that listens on this host can be reached from this computer alone."""
    return host is None or _is_loopback(host.strip("[]")) or host == "localhost"


def _host_and_port(origin: bytes) -> bytes:
    """The part of an Origin that a Host header has, too: b"example.org:8000". Empty for "null"."""
    try:
        return urlsplit(origin.decode("ascii")).netloc.lower().encode("ascii")
    except ValueError:
        return b""


def _name(host: bytes) -> str:
    try:
        return urlsplit("//" + host.decode("ascii")).hostname or ""
    except ValueError:
        return ""


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
