"""Every sentence a person reads that Python puts on the page. The scripts' own: app/web/static/shared/words.js.

In braces: what the model's pictures show (app/web/subject.py).
"""

TITLE = "Onestroke"
MOTTO = "Paint a few strokes, see {a}."

MODELS_WHEN = "To change the model that makes the pictures."

PAINT_TAB = "Paint"
MODELS_TAB = "Models"
PAINT_HINT = ("Paint {things}", "Rough is fine. One stroke is enough.")
PAINT_ALT = "Your {one}"
PAINT_LABELS = ("Strokes", "{One}")
PAINT_NOTE, PAINT_EARLIER = "same strokes, other seeds", "of the earlier strokes"
PAINT_RESTORE = "Restore strokes and settings"

LOOK, STEPS, STRENGTH, SEED, ADVANCED = "Look", "Steps", "Strength", "Seed", "Advanced"
ANOTHER, ANOTHER_TIP = "Another {one}", "Same strokes, another seed  (N)"
LOCK, LOCK_TIP = "Keep this seed", "Keep this seed while I paint  (L)"
GENERATE, GENERATE_TIP = "Make the {one}", "The page does not follow by itself here: ask for the picture"
FOLLOW = "Follow me while I draw"
PRESSURE = "Pen pressure sets the width"
PHOTO_PAPER, PHOTO_STROKES = "Use a photo as paper", "Turn a photo into strokes"
EXAMPLES = "Paint from an example"

FACT_LABELS = {
    "resolution": "Picture size",
    "classes": "Looks",
    "training": "Training",
    "licence": "Licence",
    "credits": "Credits",
}
