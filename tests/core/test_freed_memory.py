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


def faults(mode: str, size: int) -> int:
    """Page faults of four blocks of that many bytes, taken one after the other."""
    command = [sys.executable, "-c", PROGRAM, mode, str(size)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(not keep_freed_memory(), reason="this C library has no such setting")
def test_a_block_is_taken_again_without_new_pages():
    """Now and then a heap cannot grow at its place, which is random: then a process has it as without the setting."""
    size = LARGEST * 3 // 4
    assert any(faults("keep", size) < 100 for _ in range(8))
    assert faults("leave", size) > 100  # pages of 4 KB, or of 2 MB where the system gives large ones
