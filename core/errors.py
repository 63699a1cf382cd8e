"""What a person did that cannot work, as a tree of errors.

    OnestrokeError
    ├── PictureError       a file or an array that is not a picture we can use
    ├── CheckpointError    a model file that cannot be read, or does not fit
    ├── ConfigError        a training configuration that cannot run
    ├── RequestError       a wish outside what the model or the machine can do
    └── NotEnoughMemory    a model or a picture for which the memory is too small

`str(error)` is one sentence for the person: what was given, what is possible.
"""


class OnestrokeError(Exception):
    """A mistake of the person, told in a sentence that says what would work."""


class PictureError(OnestrokeError):
    """The picture cannot be read, or has a shape that does not fit."""


class CheckpointError(OnestrokeError):
    """The model file cannot be read, or is not for what was asked of it."""


class ConfigError(OnestrokeError):
    """The training configuration has an unknown key or an impossible value."""


class RequestError(OnestrokeError):
    """A setting is outside its range, or asks for what this model cannot do."""


class NotEnoughMemory(OnestrokeError):
    """The device's memory is too small for the model, or for one picture of it."""
