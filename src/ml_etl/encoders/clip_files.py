"""An open_clip model as files: a folder like the hub's, or a checkpoint with its description beside it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml_etl.encoders import weights
from ml_etl.errors import Damaged, UsageError
from ml_etl.files import digest, sha256

CONFIG = "open_clip_config.json"
_WEIGHTS = "open_clip_model.safetensors"
_TOKENIZER = ("tokenizer*", "special_tokens_map.json", "vocab*", "merges.txt", "spiece.model")
HUB_FILES = [CONFIG, _WEIGHTS, *_TOKENIZER]


@dataclass(frozen=True)
class ClipFiles:
    """What a model's files say.

    `model_config` and `preprocess` (where it differs from the default) are open_clip's; `settings` is the
    hash of all that is not weights.
    """

    checkpoint: Path
    model_config: dict[str, Any]
    preprocess: dict[str, Any]
    weights_sha256: str
    settings: str

    @property
    def dim(self) -> int:
        return int(self.model_config["embed_dim"])

    @property
    def window(self) -> int:
        """The most tokens the text tower looks at."""
        return int(self.model_config["text_cfg"].get("context_length", 77))


def read(path: Path, architecture: str | None) -> ClipFiles:
    """Look whether a model is whole, and what it is.

    `path` is a folder with open_clip_config.json and one safetensors file, or a safetensors file with
    NAME.json or open_clip_config.json beside it. `architecture` names one of open_clip's own descriptions
    for a checkpoint that has none.

    Raises:
        Damaged: a file is missing, cut off, or can't be read.
        UsageError: a model that can't be used: no safetensors, or a text tower the hub describes.
    """
    checkpoint = _checkpoint(path)
    content = _description(checkpoint, architecture)
    config, preprocess = content.get("model_cfg", content), content.get("preprocess_cfg", {})
    if missing := {"embed_dim", "vision_cfg", "text_cfg"} - set(config):
        raise Damaged(f"Image model {path}: its description lacks {', '.join(sorted(missing))}.")
    if "hf_model_name" in config["text_cfg"]:
        raise UsageError(
            f"Image model {path}: its text tower is described on the hub under a name that can change "
            f"({config['text_cfg']['hf_model_name']}). Take a model whose text tower is open_clip's own."
        )
    tokenizer = _tokenizer(checkpoint.parent, config)
    settings = digest([config, preprocess, {file.name: sha256(file) for file in tokenizer}])
    return ClipFiles(checkpoint, config, preprocess, weights.hash_of([checkpoint]), settings)


def _checkpoint(path: Path) -> Path:
    if path.is_dir():
        found = sorted(path.glob("*.safetensors"))
        named = [file for file in found if file.name == _WEIGHTS] or found
        if len(named) != 1:
            raise Damaged(
                f"Image model {path}: expected {_WEIGHTS} (other formats can carry code), came "
                f"{', '.join(file.name for file in found) or 'no safetensors file'}. Fetch it again."
            )
        return named[0]
    if path.suffix != ".safetensors" and path.exists():
        raise UsageError(f"Image model {path}: expected a .safetensors file; other formats can carry code.")
    return path


def _description(checkpoint: Path, architecture: str | None) -> dict[str, Any]:
    if architecture:
        return _open_clips(architecture)
    beside = [checkpoint.with_suffix(".json"), checkpoint.with_name(CONFIG)]
    for path in beside:
        if path.is_file():
            return _json(path)
    raise Damaged(
        f"Image model {checkpoint}: its description is missing; expected {beside[0].name} or {CONFIG} beside "
        f"it, or --params image_architecture=NAME (ViT-B-32, …)."
    )


def _open_clips(architecture: str) -> dict[str, Any]:
    """One of open_clip's own descriptions, read without importing it."""
    from importlib.util import find_spec

    found = find_spec("open_clip")
    folder = Path(str(found.origin)).parent / "model_configs" if found else Path()
    if not (path := folder / f"{architecture}.json").is_file():
        raise UsageError(f"image_architecture: open_clip has no {architecture}; look into {folder}.")
    return _json(path)


def _tokenizer(folder: Path, config: dict[str, Any]) -> list[Path]:
    """The tokenizer's files where the model brings its own; open_clip carries the others' one."""
    if not config["text_cfg"].get("hf_tokenizer_name"):
        return []
    files = sorted({file for pattern in _TOKENIZER for file in folder.glob(pattern)})
    if not any(file.name == "tokenizer.json" for file in files):
        raise Damaged(f"Image model {folder}: its tokenizer (tokenizer.json) is missing. Fetch it again.")
    return files


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (ValueError, OSError) as error:
        raise Damaged(f"Image model: {path} can't be read ({error}). Fetch the model again.") from None
    if not isinstance(content, dict):
        raise Damaged(f"Image model: {path} describes no model. Fetch the model again.")
    return content
