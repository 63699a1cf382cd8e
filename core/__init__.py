"""The mathematics and the machine of Onestroke: networks, sampling, editing, pictures, model files.

Pictures are float32 [B,3,H,W] in [-1, 1]; noise levels are `sigma`; a step is one noise level.
"""

from core.blur import Deblur, blurred, estimate_blur
from core.card import ModelCard
from core.checkpoint import save_model
from core.chroma import recolour, to_grey
from core.compose import Square, extend, paste, view, view_mask
from core.constraint import Colorize, Constraint, Inpaint, Nothing, Product, SuperResolve
from core.errors import (
    CheckpointError,
    ConfigError,
    NotEnoughMemory,
    OnestrokeError,
    PictureError,
    RequestError,
)
from core.estimate_noise import estimate_sigma
from core.files import write_whole
from core.images import png_bytes, to_model, to_uint8, write_png
from core.interpolate import slerp
from core.masks import feather_weights, grow, to_mask
from core.models import ConsistencyModel, Denoiser, DiffusionModel, Model
from core.noise import SeededNoise
from core.open_model import load_model, read_card
from core.pictures.read import read_image
from core.runtime import choose_runtime
from core.sampling import denoise, edit, edit_steps, paint, paint_steps, sample, sample_steps
from core.sampling_rules import SamplingRules
from core.schedule import karras_sigmas
from core.solvers import solve
from core.strokes import paint_sigmas, strokes_from_photo

__all__ = [
    "CheckpointError",
    "Colorize",
    "ConfigError",
    "ConsistencyModel",
    "Constraint",
    "Deblur",
    "Denoiser",
    "DiffusionModel",
    "Inpaint",
    "Model",
    "ModelCard",
    "NotEnoughMemory",
    "Nothing",
    "OnestrokeError",
    "PictureError",
    "Product",
    "RequestError",
    "SamplingRules",
    "SeededNoise",
    "Square",
    "SuperResolve",
    "blurred",
    "choose_runtime",
    "denoise",
    "edit",
    "edit_steps",
    "estimate_blur",
    "estimate_sigma",
    "extend",
    "feather_weights",
    "grow",
    "karras_sigmas",
    "load_model",
    "paint",
    "paint_sigmas",
    "paint_steps",
    "paste",
    "png_bytes",
    "read_card",
    "read_image",
    "recolour",
    "sample",
    "sample_steps",
    "save_model",
    "slerp",
    "solve",
    "strokes_from_photo",
    "to_grey",
    "to_mask",
    "to_model",
    "to_uint8",
    "view",
    "view_mask",
    "write_png",
    "write_whole",
]
