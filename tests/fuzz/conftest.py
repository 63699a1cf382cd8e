"""What holds for every border: a bound of memory."""

import sys

import pytest

MOST_MEMORY = 1_500_000_000  # bytes by which a file of these tests may make this process grow, libraries included


@pytest.fixture(scope="module", autouse=True)
def bounded_memory():
    """Fails if the inputs of a file make the process grow beyond all reason. Of systems that count it."""
    resource = pytest.importorskip("resource")
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, bytes

    def peak() -> int:
        return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    before = peak()
    yield
    assert peak() - before < MOST_MEMORY
