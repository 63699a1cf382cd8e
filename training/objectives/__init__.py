"""The objectives by the name that a configuration gives them."""

from training.objectives.cd import ConsistencyDistillation
from training.objectives.ct import ConsistencyTraining
from training.objectives.ect import EasyConsistencyTuning
from training.objectives.edm import Denoising
from training.objectives.flow import RectifiedFlow
from training.objectives.ict import ImprovedConsistencyTraining
from training.objectives.kd import KnowledgeDistillation
from training.objectives.mcm import MultistepConsistency
from training.objectives.pd import ProgressiveDistillation

OBJECTIVES = {
    "edm": Denoising,
    "ect": EasyConsistencyTuning,
    "cd": ConsistencyDistillation,
    "ct": ConsistencyTraining,
    "ict": ImprovedConsistencyTraining,
    "mcm": MultistepConsistency,
    "pd": ProgressiveDistillation,
    "kd": KnowledgeDistillation,
    "flow": RectifiedFlow,
}
