"""Every sentence of the edit tabs that Python puts on the page. The scripts' own: app/web/static/edit/editwords.js.

In braces: what the model's pictures show (app/web/subject.py).
"""

from dataclasses import dataclass

from app.edits.tiled import MAX_PIXELS

MILLIONS = MAX_PIXELS // 1_000_000


@dataclass(frozen=True)
class EditText:
    """The words of one tab."""

    tab: str
    when: str = ""  # one line in the header: when to use it
    send: str = ""  # what the menu "Send to" says of it
    hint: tuple[str, ...] = ("", "")  # before there is a photo: head, text, and another text for fingers
    label: str = ""  # of the photo, for those who do not see it
    alt: str = ""  # of the result
    labels: tuple[str, str] = ("Before", "After")
    empty: tuple[str, str] = ("", "")  # where the result will be
    compare: str = "Compare before and after  (C, hold O)"
    another: tuple[str, str] = ("", "")  # the button for another seed, and its tip
    go: tuple[str, str] = ("", "")  # the button that asks
    go_erasing: tuple[str, str] | None = None  # the same where what is marked is erased
    auto: str = ""  # the box that makes the page ask by itself
    note: str = "same photo, other seeds"  # of the variations
    earlier: str = "of the earlier photo"  # the same, once something else is here
    restore: str = "Restore photo and settings"
    lock_tip: str = "Keep this seed  (L)"


INPAINT = EditText(
    tab="Inpaint",
    when="To change or remove a part of a photo.",
    send="change a part of it",
    hint=("Open a photo", "Drop it here, paste it, or choose one. Any size.", "Any size."),
    label="Photo. Brush over what should change. Square brackets change the brush, Control Z undoes.",
    alt="Your photo, filled",
    empty=("The filled photo appears here", "Outside the mask every pixel stays as it is."),
    another=("Another version", "Same mask, another seed  (N)"),
    go=("Fill", "Fill what is marked  (Enter)"),
    go_erasing=("Erase", "Erase what is marked  (Enter)"),
    auto="After every stroke, by itself",
    note="same mask, other seeds",
    earlier="of the earlier mask",
    restore="Restore photo, mask and settings",
    lock_tip="Keep this seed while I mark  (L)",
)
COLORIZE = EditText(
    tab="Colorize",
    when="To give a black-and-white photo its colours.",
    send="give it new colours",
    hint=("Open a grey photo", "A coloured one is made grey first. Any size."),
    label="Photo in grey. Dabs of colour steer what it becomes. Square brackets change the brush, Control Z undoes.",
    alt="Your photo, in colour",
    labels=("Grey", "Colour"),
    empty=("The photo in colour appears here", "Its light and detail stay as they are."),
    another=("Other colours", "Same photo, another seed  (N)"),
    go=("Colour it", "Ask for the colours  (Enter)"),
    auto="Colour after every dab",
    earlier="of the earlier dabs",
    restore="Restore photo, dabs and settings",
)
SUPER_RESOLVE = EditText(
    tab="Super-resolve",
    when="To make a small picture larger.",
    send="make it bigger",
    hint=("Open a picture", f"Up to {MILLIONS} million pixels once enlarged; a large one in tiles."),
    label="The picture, pixel by pixel.",
    alt="The picture, enlarged",
    labels=("Pixels", "Enlarged"),
    empty=("The enlarged picture appears here", "Made small again, it is exactly the picture on the left."),
    another=("Another version", "Same pixels, another seed  (N)"),
    go=("Enlarge", "Ask for the picture  (Enter)"),
    auto="Enlarge by itself",
    note="same pixels, other seeds",
)
DENOISE = EditText(
    tab="Denoise",
    when="To take the grain out of a dark photo.",
    send="take its noise away",
    hint=("Open a noisy photo", "Drop it here, paste it, or choose one.", f"Up to {MILLIONS} million pixels."),
    label="The noisy photo.",
    alt="Your photo, without noise",
    labels=("Noisy", "Clean"),
    empty=("The clean photo appears here", f"At its full size, up to {MILLIONS} million pixels; a large one in tiles."),
    go=("Clean it", "Ask for the picture  (Enter)"),
    auto="Clean by itself",
)
DEBLUR = EditText(
    tab="Deblur",
    when="To sharpen a photo that is slightly blurred.",
    send="make it sharp",
    hint=("Open a blurred photo", "Drop it here, paste it, or choose one.", f"Up to {MILLIONS} million pixels."),
    label="The blurred photo.",
    alt="Your photo, sharp",
    labels=("Blurred", "Sharp"),
    empty=("The sharp photo appears here", "Blurred again, it is your photo."),
    another=("Another version", "Same photo, another seed  (N)"),
    go=("Sharpen it", "Ask for the picture  (Enter)"),
    auto="Sharpen by itself",
)
INTERPOLATE = EditText(
    tab="Interpolate",
    when="To watch one {one} turn into another.",
    alt="A {one} on the way",
    empty=("The way between two {many} appears here", "Choose seeds or pictures, then make the way."),
    go=("Make the way", "Ask for the pictures between A and B  (Enter)"),
    note="from A to B",
    restore="Restore both ends and settings",
)
GENERATE = EditText(
    tab="Generate",
    when="For {many} without painting anything.",
    send="variations of it",
    empty=("Your {many} appear here", "Pick one, and send it to any other tab."),
    go=("Generate", "{Many} from this seed on  (Enter)"),
    another=("Other {many}", "As many again, from another seed  (N)"),
    restore="Make these again",
)
PAINT_SEND = ("Paint", "paint over it")
WAY_SEND = (("Interpolate from it", "the first picture"), ("Interpolate to it", "the last picture"))

PHOTO_LOOK = "Look"
EDGE, FEATHER = "Mask edge", "Soft edge"
NOISE, BLUR, ESTIMATE = "Noise in the photo", "Blur in pixels", "Estimate it"
FACTOR, FRAMES, COUNT, AMOUNT = "Times larger", "Frames", "How many", "Variations"
SEED_A, SEED_B = "Seed A", "Seed B"
ADDED_NOISE = "Added noise"
SCHEDULE = "Noise levels"
SCHEDULES = (("By steps", "default"), ("Paper's 40", "paper"))
AXIS = "How its light is kept"
AXES = (("Plainly", "grey"), ("Paper's way", "paper"))
KEEP_MASK = "Keep the mask for the next photo"
MASK_COLOUR = "Mask colour"
MASK_COLOURS = (("Green", "green"), ("Red", "red"), ("Blue", "blue"))
HOW = "What is marked"
HOWS = (("Fill", "fill"), ("Erase", "erase"))
OPEN_MASK, SAVE_MASK = "Open a mask picture", "Save the mask"
SEVERAL, SEVERAL_TIP = "Several files at once", "Up to 32 with these settings, then one zip file"
