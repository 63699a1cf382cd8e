"""How the border says no: one sentence with a status, in the form that Gradio's clients read."""

import json

from starlette.responses import Response

UNREADABLE = "This is not what the page sends. Reload it; your strokes are kept."
NOT_HERE = "There is nothing here."
FAILED = "Something went wrong in the program. Nothing of yours is lost; try again."


class Refusal(Exception):
    """A request that goes no further. status: of HTTP. retry_s: seconds after which it may be sent again."""

    def __init__(self, status: int, sentence: str, retry_s: int | None = None):
        super().__init__(sentence)
        self.status, self.sentence, self.retry_s = status, sentence, retry_s

    @property
    def response(self) -> Response:
        """JSON with the sentence under the names that Gradio's page and its Python client look for."""
        body = json.dumps({"detail": self.sentence, "error": self.sentence})
        headers = {"x-content-type-options": "nosniff", "cache-control": "no-store"}
        if self.retry_s is not None:
            headers["retry-after"] = str(self.retry_s)
        return Response(body, self.status, headers, "application/json")
