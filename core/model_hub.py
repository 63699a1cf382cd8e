"""Models on the Hugging Face Hub, for programs that list and fetch them."""

from core.published.catalogue import OFFERS, Offer
from core.published.fetch import Stopped, fetch
from core.published.hub import cached_models

__all__ = ["OFFERS", "Offer", "Stopped", "cached_models", "fetch"]
