"""The descriptions of all edits, by name: the page, the command line and the endpoints are made of these."""

from app.edits.spec import LOOK, MAX_PAINT_STEPS, SCHEDULE, SEED, SETTINGS, STEP_COUNT, EditSpec, Field

PHOTO = Field("photo", "file", "a picture file", needed=True)
SQUARE = Field("square", "box", "where on the photo to work", parts=("x", "y", "side"))
STRENGTH = Field("strength", "number", "of strokes: 0 follows them, 1 surprises", 0.5, 0, 1)

PAINT = EditSpec(
    "paint",
    "a picture from strokes",
    (Field("strokes", "file", "a picture of strokes, square; 256 pixels is usual", needed=True),
     SEED, STEP_COUNT, STRENGTH, LOOK),
    steps=1,
    most_steps=MAX_PAINT_STEPS,
)  # fmt: skip
INPAINT = EditSpec(
    "inpaint",
    "fill what a mask marks",
    (PHOTO,
     Field("mask", "file", "a picture file of the photo's shape, white is filled"),
     Field("strokes", "file", "strokes on transparency over the whole photo, painted inside the mask, or their own"),
     SQUARE,
     Field("extend", "box", "pixels of a larger frame to fill", parts=("left", "top", "right", "bottom")),
     Field("grow", "whole", "pixels that the mask grows by; negative shrinks it", 0, -2000, 2000),
     Field("feather", "number", "pixels over which the result fades in; one of the model's if left out", None, 0, 2000),
     STRENGTH, *SETTINGS,
     Field("how", "word", "fill: the model invents; erase: copies of the photo, no model", "fill",
           words=("fill", "erase"), title="What is done with the marked part")),
    about="Everything outside the mask stays bit-exact. The square is found around the mask if left out.",
    several=True,
)  # fmt: skip
COLORIZE = EditSpec(
    "colorize",
    "colour a grey photo",
    (PHOTO,
     Field("dabs", "file", "dabs of colour on transparency over the whole photo"),
     SQUARE, *SETTINGS,
     Field("axis", "word", "what luminance is put back along: grey, or the green axis of the paper", "grey",
           words=("grey", "paper"), title="The axis")),
    about="Its luminance stays, at full size.",
    several=True,
)  # fmt: skip
SUPER_RESOLVE = EditSpec(
    "super-resolve",
    "a picture, larger",
    (PHOTO,
     Field("factor", "whole", "how many times larger; 4, or 2 where that would be too large, if left out",
           choices=(2, 4, 8), title="The factor"),
     SQUARE, *SETTINGS),
    about="Every pixel of it is exactly the mean of its block in the result. A picture of any size is made in tiles.",
    several=True,
    steps=1,  # every further step of the bundled model leads farther from the original (docs/editing.md)
)  # fmt: skip
DENOISE = EditSpec(
    "denoise",
    "take the noise out of a picture",
    (PHOTO,
     Field("sigma", "number", "the level of its noise, black to white being 2; estimated if left out", None, 0.002, 2.0,
           title="The noise level"),
     SQUARE, LOOK),
    about="One evaluation of each of its tiles; it keeps its size.",
    several=True,
    steps=1,
)  # fmt: skip
DEBLUR = EditSpec(
    "deblur",
    "take the blur out of a picture",
    (PHOTO,
     Field("blur", "number", "its standard deviation in pixels; estimated if left out", None, 0.3, 8.0,
           title="The blur"),
     SQUARE, *SETTINGS),
    about="What the blur has left is kept as it is; the model adds what it took, in tiles. The picture keeps its size.",
    several=True,
    steps=1,
)  # fmt: skip
INTERPOLATE = EditSpec(
    "interpolate",
    "from one picture or seed to another",
    (SEED, Field("seed_b", "seed", "the seed of the last picture; the next one if left out"),
     Field("frames", "whole", "how many pictures", 16, 2, 32, title="The number of frames"),
     STEP_COUNT, LOOK, SCHEDULE,
     Field("picture_a", "file", "the first picture, instead of a seed"),
     Field("picture_b", "file", "the last picture"),
     Field("amount", "number", "noise over pictures on the way: 0 little, 1 much", 0.3, 0, 1, title="Strength")),
    animated=True,
    about="A result of generate with the same settings brings its seed; over any other picture the way leads through"
    " noise.",
)  # fmt: skip
GENERATE = EditSpec(
    "generate",
    "pictures from seeds alone",
    (Field("count", "whole", "how many, with the seeds from the given one on", 8, 1, 16, title="The number"),
     Field("picture", "file", "a picture to vary"),
     Field("amount", "number", "how far variations go: 0 near, 1 far", 0.4, 0, 1, title="Strength"),
     *SETTINGS),
)  # fmt: skip

EDITS = {spec.name: spec for spec in (PAINT, INPAINT, COLORIZE, SUPER_RESOLVE, DENOISE, DEBLUR, INTERPOLATE, GENERATE)}
PHOTO_EDITS = tuple(name for name, spec in EDITS.items() if spec.begins_with_photo)
