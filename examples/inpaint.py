"""Take a picture off the wall: `python -m examples.inpaint [OUT.png]`. Outside the hole not one bit changes.

The photograph may have any size: the model sees its largest square, and only the hole goes back into the photograph.
"""

import sys

import numpy as np

import core
from core.edit_schedules import edit_sigmas
from core.first_guess import filled

PHOTO = "assets/photos/3-yellow-wall.jpg"
HOLE = slice(34, 56), slice(43, 79)  # rows and columns to be filled
FEATHER = 2  # pixels inside the hole over which the filling comes in


def main(out: str = "inpainted.png") -> None:
    model = core.load_model("assets/models/bedroom-128.safetensors")
    photo = np.array(core.read_image(PHOTO))
    mask = np.zeros(photo.shape[:2], np.uint8)
    mask[HOLE] = 255
    square = core.Square.centred(photo.shape[1], photo.shape[0])
    known = core.view(photo, square, model.card.resolution)
    fill = core.view_mask(mask, square, model.card.resolution)
    sigmas = edit_sigmas(model.card, "inpaint", steps=4)
    x0 = core.edit(
        model,
        core.Inpaint(known, fill),
        sigmas,
        core.SeededNoise([7]),
        start=filled(known, fill),
        labels=model.labels("photo", 1),
    )
    core.write_png(out, core.paste(photo, x0, square, mask, FEATHER))
    print(out)


if __name__ == "__main__":
    main(*sys.argv[1:2])
