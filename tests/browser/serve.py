"""The real page and engine over a stand-in for the model, as a process: `python -m tests.browser.serve --help`.

Its first line is the address; after that there is one line for each evaluation of the model.
"""

import argparse
import time
from functools import partial
from pathlib import Path

from app.web.launch import launch, prepare_import
from app.web.settings import Settings


def stand_in(*, looks: bool, delay_s: float, name: str):
    """A denoiser of two lines: the mean of the neighbourhood, darker for "render". Quick, and the same everywhere."""
    import torch
    import torch.nn.functional as F

    from core.card import ModelCard
    from core.unet import UNetConfig

    class StandIn:
        device = torch.device("cpu")
        card = ModelCard(
            name=name,
            default_steps=3,
            classes=("photo", "render") if looks else (),
            network=UNetConfig(classes=2 if looks else 0),
            description="Not a model.",
        )

        @property
        def rules(self):
            return self.card.sampling

        def walking(self, sigmas, guidance):
            return self

        def __call__(self, x, sigma, labels=None):
            print("evaluation", flush=True)
            time.sleep(delay_s)
            tone = 0.0 if labels is None else 0.2 * labels.float()[:, None, None, None]
            near = 4 if float(torch.as_tensor(sigma).max()) > 0.7 else 1
            return (F.avg_pool2d(x, 2 * near + 1, 1, near, count_include_pad=False) - tone).clamp(-1, 1)

    return StandIn()


def in_replicas(card, opened):
    """The stand-in in two replicas of a cluster of this process's own."""
    from app.cluster.connect import connect

    connect()
    from app.cluster.serving import remote_model

    return remote_model(card, opened, replicas=2)


def told_calls():
    """Calls that are answered in replicas, with a line for each: what replicas print stays with them."""
    from app.cluster.engine import RemoteCalls

    class ToldCalls(RemoteCalls):
        def add(self, call):
            print("evaluation", flush=True)
            super().add(call)

    return ToldCalls()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds that an evaluation takes")
    parser.add_argument("--width", type=int, help="pictures under way at the same time")
    parser.add_argument("--loads-with", type=Path, help="the model loads until this file is there")
    parser.add_argument("--local", action="store_true", help="the model may be changed; one named slow is said to be")
    parser.add_argument("--chunk", type=int, help="bytes that a download takes at once")
    parser.add_argument("--name", default="stand-in", help="of the model")
    parser.add_argument("--engine", choices=("here", "ray"), default="here", help="ray: two replicas hold the model")
    parser.add_argument("--no-live", dest="live", action="store_false")
    parser.add_argument("--no-looks", dest="looks", action="store_false")
    options = parser.parse_args()
    prepare_import()

    from app.engine.engine import WIDTH, Engine
    from app.store.temporary import temporary_folder
    from app.store.uploads import Uploads
    from app.web.events import Events
    from app.web.model_desk import ModelDesk
    from app.web.page import PAGE_LAUNCH, build_page

    if options.chunk:
        import huggingface_hub.constants

        huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE = options.chunk

    opened = partial(stand_in, looks=options.looks, delay_s=options.delay, name=options.name)
    model = opened()

    def open_model():
        while options.loads_with and not options.loads_with.exists():
            time.sleep(0.05)
        return in_replicas(model.card, opened) if options.engine == "ray" else model

    engine = Engine(
        model.card,
        open_model,
        warm_up=lambda model: 20.0 if "slow" in model.card.name else 0.0,
        queue_news_s=0.2,
        width=options.width or WIDTH,
        calls=told_calls() if options.engine == "ray" else None,
    )
    engine.start()
    uploads = Uploads(temporary_folder())
    events = Events(engine, uploads, models=ModelDesk(engine, local=options.local, device="cpu"))
    page = build_page(engine, events, uploads, live=options.live)
    address, _ = launch(
        page, Settings(Path("stand-in"), port=options.port), events.routes, events.listeners, **PAGE_LAUNCH
    )
    if options.engine == "ray" and not options.loads_with:
        engine.start().result()  # replicas take longer to start than a page waits for its first picture
    print(address, flush=True)
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        engine.close()


if __name__ == "__main__":
    main()
