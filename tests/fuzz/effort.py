"""How much of the profile's number of inputs a slow test takes."""

from hypothesis import settings


def share_of_inputs(divisor: int) -> settings:
    """For a test whose inputs each take long: that part of the profile's number."""
    return settings(max_examples=max(settings().max_examples // divisor, 5))
