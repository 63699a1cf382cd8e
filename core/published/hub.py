"""Models by their id on the Hugging Face Hub: from the cache on this computer, or fetched into it.

The library decides where the cache is (HF_HOME) and whom it asks (HF_ENDPOINT, HF_HUB_OFFLINE). Only the files that are
read are fetched.
"""

import re
from pathlib import Path

from core.errors import CheckpointError
from core.published.folder import CONFIG, SCHEDULER, STEM, unet_folder

ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")
DESCRIBING = ["model_index.json", f"unet/{CONFIG}", SCHEDULER]
# Safetensors if there are some; half-precision twins and other parts of the repository are left alone.
WEIGHTS = [
    [f"unet/{STEM}.{end}", f"unet/{STEM}-*-of-*.{end}", f"unet/{STEM}.{end}.index.json"]
    for end in ("safetensors", "bin")
]


def is_hub_id(source: str) -> bool:
    """Whether it has the form of an id: OWNER/NAME."""
    return ID.fullmatch(source) is not None


def hub_folder(model: str) -> Path:
    """The folder of a model on this computer. What is cached is used as it is; else it is fetched.

    Raises CheckpointError if it is neither here nor to be had.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError

    trouble: Exception | None = None
    for local in (True, False):
        for weights in WEIGHTS:
            try:
                folder = Path(snapshot_download(model, allow_patterns=DESCRIBING + weights, local_files_only=local))
            except (OSError, ValueError, HfHubHTTPError) as error:
                trouble = error
                break
            if _is_whole(folder):
                return folder
    why = "there is no such model there" if isinstance(trouble, RepositoryNotFoundError) else "it could not be fetched"
    where = f"There is no file or folder {model}; as an id on the Hugging Face Hub it is not on this computer"
    raise CheckpointError(f"{where}, and {why}.") from trouble


def cached_models() -> dict[str, Path]:
    """Ids of the models in the cache that have one network and its weights, and where they are."""
    from huggingface_hub import scan_cache_dir
    from huggingface_hub.errors import CacheNotFound

    try:
        repositories = scan_cache_dir().repos
    except (CacheNotFound, ValueError):  # there is none, or a file is where it should be
        return {}
    folders = {
        repository.repo_id: max(repository.revisions, key=lambda revision: revision.last_modified).snapshot_path
        for repository in repositories
        if repository.repo_type == "model" and repository.revisions and is_hub_id(repository.repo_id)
    }
    return {id: folder for id, folder in sorted(folders.items()) if _is_whole(folder)}


def _is_whole(folder: Path) -> bool:
    """Whether a network with weights is there: the cache may hold a part of a model."""
    unet = unet_folder(folder)
    return unet is not None and any(unet.glob(f"{STEM}*.safetensors")) | any(unet.glob(f"{STEM}*.bin"))
