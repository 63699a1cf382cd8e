"""There is no place for a request at the moment."""

from core.errors import RequestError

FULL = "All places are taken. Try again in a minute."
TOO_MANY = "Too much is being made for your address already. Wait for some of it."


class Busy(RequestError):
    """The line is full, or the places of an address are taken."""
