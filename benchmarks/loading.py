"""`python -m benchmarks.loading`: memory and time that loading a model of the size of LSUN-256's takes.

The file has 526 million random weights: as a state dict of OpenAI in float32, as a file of ours in float32 and as one
in bfloat16. Each is loaded in a process of its own, which has read the file before, so that it comes from memory.
Measured are the most memory that the process ever had, with Python and torch, and its processor time (Linux).
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import torch

from benchmarks.timing import print_table
from core.convert import main as convert
from core.published.layouts import OPENAI
from core.published.translated import our_shapes
from core.runtime import machine
from core.unet import UNetConfig

LSUN = UNetConfig(
    resolution=256, patch=1, patch_prior=False, width=256, multipliers=(1, 1, 2, 2, 4, 4), blocks=2,
    attention_grids=(32, 16, 8), time_scale=1000.0,
)  # fmt: skip
PROGRAM = """
import collections, json, sys, time
import core, torch

def most():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

torch.set_num_threads(1)
with open(sys.argv[1], "rb", buffering=0) as file:
    collections.deque(iter(lambda: file.read(1 << 24), b""), maxlen=0)
before = most()
began = time.process_time(), time.perf_counter()
model = core.load_model(sys.argv[1], "cpu", "bfloat16")
took = time.process_time() - began[0], time.perf_counter() - began[1]
print(json.dumps([before / 1e3, most() / 1e3, *took]))
"""


def write_state_dict(path: Path) -> None:
    """A state dict of OpenAI's code with random weights."""
    shapes, rng = our_shapes(LSUN), torch.Generator().manual_seed(0)
    origins = OPENAI.origins(LSUN, shapes)
    state = {
        origins[name].names[0]: torch.randn(shape, generator=rng) / math.sqrt(math.prod(shape[1:]))
        for name, shape in shapes.items()
    }
    torch.save(state, path)


def row(path: Path, kind: str) -> list[object]:
    """The file's kind and size, the process before and at its peak in MB, seconds of the processor and of the clock."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, path], capture_output=True, text=True, check=True)
    before, peak, cpu, clock = json.loads(done.stdout)
    return [kind, f"{path.stat().st_size / 1e9:.2f}", f"{before:.0f}", f"{peak:.0f}", f"{cpu:.1f}", f"{clock:.1f}"]


def main() -> None:
    argparse.ArgumentParser(prog="python -m benchmarks.loading", description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "cd_bedroom256_lpips.pt")
        write_state_dict(source)
        rows = [row(source, "OpenAI's, float32")]
        for dtype in ("float32", "bfloat16"):
            target = Path(folder, "ours.safetensors")
            assert convert([str(source), str(target), "--dtype", dtype, "--overwrite"]) == 0
            rows.append(row(target, f"ours, {dtype}"))
    print(f"{machine()}; 526 million weights, loaded for bfloat16 on one thread.\n")
    print_table(["file", "GB", "MB before", "MB at most", "processor, s", "clock, s"], rows)


if __name__ == "__main__":
    main()
