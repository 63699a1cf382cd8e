"""How much of the profile's number of inputs each test takes, so that all together take seconds in an ordinary run."""

import os

from hypothesis import settings

LONG = "FUZZ_EXAMPLES" in os.environ  # make fuzz


def share_of_inputs(divisor: int) -> settings:
    """That part of the profile's number of inputs: the same ones in every ordinary run, others in `make fuzz`."""
    return settings(max_examples=max(settings().max_examples // divisor, 1), derandomize=not LONG)


usual, heavy = share_of_inputs(4), share_of_inputs(16)
