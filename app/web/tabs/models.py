"""The Models tab: what is installed, and another model by a click. Others are told which one is in use."""

from app.web.components import Models
from app.web.model_desk import ModelDesk
from app.web.tabs.wiring import server_functions


def build_models(desk: ModelDesk) -> None:
    """Inside the current gr.Tab. Where strangers are served, the page has no functions that change anything."""
    changing = (desk.models, desk.use_model, desk.open_model_file, desk.fetch_model, desk.stop_fetching)
    functions = changing if desk.local else ()
    Models(elem_id="models", local=desk.local, server_functions=server_functions(*functions))
