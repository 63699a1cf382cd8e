"""Freed memory is kept, as seen in the page faults of a process of its own."""

import subprocess
import sys

import pytest

from core.freed_memory import LARGEST, keep_freed_memory

PROGRAM = """
import resource, sys, torch
import core.freed_memory as freed
{setting}
def page_faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    activation = torch.zeros({size}, dtype=torch.uint8)
    for _ in range(6):
        activation = activation[: len(activation) * 3 // 4] + 1
        activation = torch.cat([activation, activation[: len(activation) // 3]])
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
print([page_faults() for _ in range(10)][-4:])
"""
SIZE = LARGEST * 3 // 8  # bytes of an activation: above what the C library keeps by itself


def page_faults(setting: str) -> list[int]:
    """Page faults of each of the last four of ten evaluations, in a process that has made the setting.

    The first evaluations find the places of their blocks: an aligned block does not always fit where one of its size
    lay, and what small thing lies behind it is chance.
    """
    command = [sys.executable, "-c", PROGRAM.format(setting=setting, size=SIZE)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [int(count) for count in printed.strip("[]\n").split(",")]


@pytest.mark.skipif(not keep_freed_memory(), reason="this C library has no such setting")
def test_evaluations_come_to_need_no_new_pages():
    assert sum(page_faults("freed.keep_freed_memory()")) < 100
    assert min(page_faults("")) > 100  # pages of 4 KB, or of 2 MB where the system gives large ones


@pytest.mark.skipif(not keep_freed_memory(), reason="this C library has no such setting")
def test_memory_is_kept_behind_lasting_blocks():
    assert sum(page_faults("with freed.lasting_blocks(): pass")) < 100


LASTING_PROGRAM = """
import sys, torch
from core.freed_memory import keep_freed_memory, lasting_blocks
def resident():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
keep_freed_memory()
if sys.argv[1] == "lasting":
    with lasting_blocks():
        block = torch.ones(64 << 20, dtype=torch.uint8)
else:
    block = torch.ones(64 << 20, dtype=torch.uint8)
above = torch.ones(1 << 16, dtype=torch.uint8)  # on the heap, as what is allocated behind a weight
before = resident()
del block
print(before - resident())
"""


def given_back(mode: str) -> int:
    """Kilobytes that go back to the system with a block of 64 MB."""
    command = [sys.executable, "-c", LASTING_PROGRAM, mode]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(not keep_freed_memory(), reason="this C library has no such setting")
def test_a_lasting_block_leaves_no_hole():
    assert given_back("lasting") > 60_000
    assert given_back("plain") < 4_000
