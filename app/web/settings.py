"""The choices of the person who starts the program, as plain data."""

import os
from dataclasses import dataclass
from pathlib import Path

from app.web.border.limits import LOCAL, PUBLIC, Limits
from app.web.border.origins import is_local


@dataclass(frozen=True)
class Settings:
    model: Path
    device: str = "auto"
    host: str | None = None  # None: what GRADIO_SERVER_NAME says, else this computer alone
    port: int | None = None  # None: the first free one from 7860 on; 0: any free one
    share: bool = False  # a public address through Gradio's tunnel
    live: bool = True  # pictures follow the strokes by themselves
    public: bool = False  # strangers are served
    compile: bool = False  # the model is compiled behind its first pictures
    metrics: bool = False  # figures for Prometheus at /metrics
    engine: str = "here"  # or "ray": replicas in a cluster hold the model
    address: str = "local"  # of the cluster: "local" is a new one on this machine, "auto" the one that runs on it
    replicas: int | None = None  # that are started where none run; None: as many as there is work for

    @property
    def local(self) -> bool:
        """Whether the server can be reached from this computer alone, and nobody else is meant to reach it."""
        host = self.host or os.environ.get("GRADIO_SERVER_NAME")
        return not self.public and not self.share and is_local(host)

    @property
    def changes_model(self) -> bool:
        """Whether a person at this computer may choose another model while the page is served."""
        return self.local and self.engine == "here"

    @property
    def limits(self) -> Limits:
        """What one address may ask."""
        return PUBLIC if self.public else LOCAL
