"""What the bundled model is compared with computes the same."""

import pytest
import torch

import core
from benchmarks.model import OpenVinoNetwork
from tests import tiny

pytest.importorskip("openvino")


@pytest.mark.filterwarnings("ignore")  # OpenVINO traces the network with torch.jit, which warns
@pytest.mark.parametrize("classes", [0, 2])
def test_the_network_compiled_by_openvino_paints_as_torch_does(classes):
    model = tiny.model(classes=classes)
    labels = torch.tensor([1, 0]) if classes else None
    start, noise = torch.zeros(2, *model.shape), core.SeededNoise([1, 2])
    expected = core.edit(model, core.Nothing(), [2.0, 0.5], noise, start=start, labels=labels)
    model.network = OpenVinoNetwork(model.network, 2, threads=1, precision="f32")
    found = core.edit(model, core.Nothing(), [2.0, 0.5], noise, start=start, labels=labels)
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-3)
