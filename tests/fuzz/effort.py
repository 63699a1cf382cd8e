"""How much of the profile's number of inputs each test takes, so that all together take seconds in an ordinary run."""

from hypothesis import settings


def share_of_inputs(divisor: int) -> settings:
    """That part of the profile's number of inputs."""
    return settings(max_examples=max(settings().max_examples // divisor, 1))


usual, heavy = share_of_inputs(4), share_of_inputs(16)
