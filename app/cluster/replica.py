"""One copy of the model in a process of Ray's. It evaluates for any number of page processes.

Pictures that arrive while others are evaluated wait, and then those of one shape are evaluated together: in a replica
stands the same line as in a program without Ray (app/engine/sharing.py). `serve.batch` would do less. It closes a batch
while the one before is still computed, so that most of them hold a single picture (docs/scale.md).
"""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import torch

from app.cluster.exchange import Estimate, Question
from app.engine.sharing import Call, Sharing
from core.models import Model


class ModelReplica:
    """A replica, as Ray Serve makes them. It keeps nothing of a question."""

    def __init__(self, open_model: Callable[[], Model]):
        """open_model: returns the model, warm."""
        self.model = open_model()
        self._sharing = Sharing(ThreadPoolExecutor(1, thread_name_prefix="model"))

    async def about(self) -> dict:
        """The card of the model, the process of this replica by its id, and the device that it is on."""
        return {"card": self.model.card, "pid": os.getpid(), "device": str(self.model.device)}

    async def answer(self, question: Question) -> Estimate:
        """The estimate. Waits for the model; a question that is cancelled while it waits is forgotten."""
        call = self._call(question)
        self._sharing.add(call)
        x0 = await asyncio.wrap_future(call.x0)
        return Estimate(x0.float().cpu().numpy(), call.seconds)

    def _call(self, question: Question) -> Call:
        device = self.model.device
        denoiser = self.model if question.walk is None else self.model.walking(*question.walk)
        x, sigma = (torch.tensor(each, device=device) for each in (question.x, question.sigma))
        labels = None if question.labels is None else torch.tensor(question.labels, device=device)
        return Call(denoiser, x, sigma, labels)
