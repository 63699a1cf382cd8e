"""Freed memory is kept, as seen in the page faults of a process of its own."""

import subprocess
import sys

import pytest

from core.freed_memory import LARGEST, keep_freed_memory

PROGRAM = """
import resource, sys, torch
from core.freed_memory import keep_freed_memory
kept = sys.argv[1] == "keep" and keep_freed_memory()
for _ in range(2):
    torch.zeros(int(sys.argv[2]), dtype=torch.uint8)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(4):
    torch.zeros(int(sys.argv[2]), dtype=torch.uint8)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(mode: str, size: int, program: str = PROGRAM) -> int:
    """Page faults of four blocks of that many bytes, taken one after the other."""
    command = [sys.executable, "-c", program, mode, str(size)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(not keep_freed_memory(), reason="this C library has no such setting")
def test_a_block_is_taken_again_without_new_pages():
    """Now and then a heap cannot grow at its place, which is random: then a process has it as without the setting."""
    size = LARGEST * 3 // 4
    assert any(faults("keep", size) < 100 for _ in range(8))
    assert faults("leave", size) > 100  # pages of 4 KB, or of 2 MB where the system gives large ones


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
    assert any(given_back("plain") < 4_000 for _ in range(8))  # as above: not where the heap cannot grow


@pytest.mark.skipif(not keep_freed_memory(), reason="this C library has no such setting")
def test_memory_is_kept_behind_lasting_blocks():
    program = PROGRAM.replace("kept = ", "import core.freed_memory as f\nwith f.lasting_blocks(): pass\nkept = ")
    assert any(faults("leave", LARGEST * 3 // 4, program) < 100 for _ in range(8))
