"""Settings for every test."""

import torch
from hypothesis import settings

# Networks here are tiny: threads would only wait for each other, and for whatever else runs.
torch.set_num_threads(1)

# No deadline: the machine may be busy with other things.
settings.register_profile("onestroke", deadline=None, max_examples=40)
settings.load_profile("onestroke")
