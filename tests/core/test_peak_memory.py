"""The most that lives at one time, counted by hand."""

import torch

from core.peak_memory import PeakMemory
from tests import tiny

FLOATS = 1000


def test_what_is_freed_makes_room_for_what_is_made_next():
    with torch.inference_mode(), PeakMemory() as peak:
        x = torch.zeros(FLOATS)
        for _ in range(5):
            x = x + 1
    assert peak.bytes == 2 * 4 * FLOATS


def test_what_is_held_adds_up_and_views_take_nothing():
    with torch.inference_mode(), PeakMemory() as peak:
        held = [torch.zeros(FLOATS, dtype=torch.float16) for _ in range(3)]
        views = [each.view(10, 100).t()[2:] for each in held]
        views[0].add_(1)
    assert peak.bytes == 3 * 2 * FLOATS


def test_what_was_there_before_is_not_counted():
    x = torch.zeros(100 * FLOATS)
    with torch.no_grad(), PeakMemory() as peak:
        x.mul_(2)
        x[:FLOATS].clone()
    assert 4 * FLOATS <= peak.bytes <= 4 * 101 * FLOATS


def test_a_network_needs_as_much_for_each_picture_of_a_batch():
    network, needed = tiny.network().requires_grad_(False), {}
    for batch in (1, 2, 8):
        with torch.inference_mode(), PeakMemory() as peak:
            network(torch.randn(batch, 3, 8, 8), torch.ones(batch))
        needed[batch] = peak.bytes / batch
    assert needed[8] <= needed[2] <= needed[1] < 1.5 * needed[8]
