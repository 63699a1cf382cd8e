"""Every objective by its name in a configuration (`objective.kind`)."""

from training.objectives.adversarial import AdversarialConsistency
from training.objectives.cd import ConsistencyDistillation
from training.objectives.continuous import ContinuousDistillation, ContinuousTraining
from training.objectives.ct import ConsistencyTraining
from training.objectives.ect import EasyConsistencyTuning
from training.objectives.edm import Denoising
from training.objectives.flow import RectifiedFlow
from training.objectives.ict import ImprovedConsistencyTraining
from training.objectives.kd import KnowledgeDistillation
from training.objectives.mcm import MultistepConsistency
from training.objectives.pd import ProgressiveDistillation
from training.objectives.scm import SimplifiedConsistency
from training.objectives.walk import WalkDistillation

OBJECTIVES = {
    "edm": Denoising,
    "ect": EasyConsistencyTuning,
    "cd": ConsistencyDistillation,
    "ct": ConsistencyTraining,
    "ict": ImprovedConsistencyTraining,
    "continuous_cd": ContinuousDistillation,
    "continuous_ct": ContinuousTraining,
    "scm": SimplifiedConsistency,
    "mcm": MultistepConsistency,
    "pd": ProgressiveDistillation,
    "kd": KnowledgeDistillation,
    "flow": RectifiedFlow,
    "walk": WalkDistillation,
    "adversarial": AdversarialConsistency,
}
