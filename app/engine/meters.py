"""What the engine has done since the program started, for a monitor (app/web/health.py)."""

from prometheus_client import Counter

EVALUATIONS = Counter("onestroke_evaluations", "Evaluations of the network; several requests may share one")
PICTURES = Counter("onestroke_evaluated_pictures", "Pictures in these evaluations")
MODEL_SECONDS = Counter("onestroke_model_seconds", "Seconds that these evaluations took")
REQUESTS = Counter("onestroke_requests", "Requests that have ended, by how", ["how"])
