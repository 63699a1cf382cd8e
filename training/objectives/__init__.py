"""The objectives by the name that a configuration gives them."""

from training.objectives.ect import EasyConsistencyTuning
from training.objectives.edm import Denoising

OBJECTIVES = {"edm": Denoising, "ect": EasyConsistencyTuning}
