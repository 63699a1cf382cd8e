"""What Linux says of the memory that is left, in folders as it makes them."""

import sys

import pytest
import torch

from core.available_memory import available_memory, linux_memory

MEMINFO = "MemTotal:       24684000 kB\nMemFree:         1000 kB\nMemAvailable:    8000000 kB\n"
SYSTEM = 8_192_000_000
MB = 1 << 20


def machine(root, groups: str, files: dict[str, object], meminfo: str = MEMINFO):
    for name, text in {"proc/meminfo": meminfo, "proc/self/cgroup": groups, **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{text}\n")
    return linux_memory(root)


def version_2(folder: str, limit: object, used: int, cache: int) -> dict[str, object]:
    folder = f"sys/fs/cgroup{folder}"
    stat = f"anon 5\nfile {2 * cache}\ninactive_file {cache}"
    return {f"{folder}/memory.max": limit, f"{folder}/memory.current": used, f"{folder}/memory.stat": stat}


def version_1(folder: str, limit: int, used: int, cache: int) -> dict[str, object]:
    folder = f"sys/fs/cgroup/memory{folder}"
    names = {"memory.limit_in_bytes": limit, "memory.usage_in_bytes": used}
    return {f"{folder}/{name}": value for name, value in names.items()} | {
        f"{folder}/memory.stat": f"cache 1\ninactive_file 7\ntotal_inactive_file {cache}"
    }


def test_without_groups_it_is_what_the_system_has(tmp_path):
    assert machine(tmp_path, "", {}) == SYSTEM


def test_a_group_s_cache_of_files_counts_as_left(tmp_path):
    assert machine(tmp_path, "0::/a", version_2("/a", 100 * MB, 60 * MB, 10 * MB)) == 50 * MB


def test_no_limit_is_none(tmp_path):
    assert machine(tmp_path, "0::/a", version_2("/a", "max", 60 * MB, 10 * MB)) == SYSTEM


def test_the_groups_around_it_count_as_well(tmp_path):
    outer, inner = version_2("/a", 100 * MB, 60 * MB, 0), version_2("/a/b", 90 * MB, 20 * MB, 0)
    assert machine(tmp_path, "0::/a/b", outer | inner) == 40 * MB


def test_a_container_sees_its_own_group_at_the_top(tmp_path):
    assert machine(tmp_path, "0::/../docker/abc", version_2("", 100 * MB, 99 * MB, 0)) == MB


def test_groups_of_version_1(tmp_path):
    groups = "9:name=systemd:/\n4:cpu,memory:/job\n0::/"
    files = version_1("/job", 100 * MB, 60 * MB, 10 * MB) | version_1("", 2**63 - 4096, 60 * MB, 0)
    assert machine(tmp_path, groups, files) == 50 * MB


def test_a_group_that_is_over_its_limit_has_nothing_left(tmp_path):
    assert machine(tmp_path, "0::/a", version_2("/a", MB, 2 * MB, 0)) == 0


def test_lines_that_nobody_expects_say_nothing(tmp_path):
    assert machine(tmp_path, "\n0::", {}) == SYSTEM


@pytest.mark.parametrize("meminfo", ["", "MemTotal: 5 kB", "MemAvailable:", "MemAvailable: much kB"])
def test_a_system_that_does_not_say_it(tmp_path, meminfo):
    assert machine(tmp_path, "", {}, meminfo) is None
    assert linux_memory(tmp_path / "nowhere") is None


def test_this_machine():
    left = available_memory(torch.device("cpu"))
    assert left is None if sys.platform != "linux" else left > MB
    assert available_memory(torch.device("meta")) is None
