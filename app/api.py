"""The named endpoint /paint, for scripts: the same request as the page's, with one answer at the end."""

import itertools

import gradio as gr

from app.answers import sentence
from app.dataurl import to_data_url
from app.engine import Engine
from app.request import paint_request
from app.visits import Ticket

DESCRIPTION = """Paint over strokes.

strokes: a PNG picture of the strokes as a data URL (data:image/png;base64,...), square, 256 pixels is usual.
seed: a whole number from 0 to 2147483647; the same seed and strokes give the same picture.
steps: network evaluations, 1 to 8. strength: 0 follows the strokes, 1 surprises.
look: one of the model's looks; leave it empty for the first.
Returns {"png": data URL with the settings inside, "seed", "steps", "ms", "model_ms"}."""


def register(engine: Engine) -> None:
    """Add the endpoint to the gr.Blocks that is being built.

    Its callers run one at a time and together have one place in the line, so that scripts cannot starve the page.
    """
    calls = itertools.count(1)

    async def paint(strokes: str, seed: int = 0, steps: int = 1, strength: float = 0.5, look: str = "") -> dict:
        try:
            request = paint_request(
                strokes, look=look or None, steps=steps, strength=strength, seed=seed, classes=engine.card.classes
            )
            answer = [each async for each in engine.run(request, Ticket("api", next(calls)))][-1]
        except Exception as error:
            raise gr.Error(sentence(error), print_exception=False) from error
        return {
            "png": to_data_url(answer.pictures[0].png, "png"),
            "seed": request.seeds[0],
            "steps": request.steps,
            "ms": round(answer.ms, 1),
            "model_ms": round(answer.model_ms, 1),
        }

    gr.api(paint, api_name="paint", api_description=DESCRIPTION, concurrency_limit=1, concurrency_id="api")
