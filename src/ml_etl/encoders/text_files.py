"""A sentence-transformers model as a folder: what it is, told from its files without loading it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml_etl.encoders import weights
from ml_etl.errors import Damaged, UsageError
from ml_etl.files import digest, sha256

_SETTINGS = ("*.json", "*.txt", "*.model", "*/config.json")
_WITH_WEIGHTS = {"Transformer", "Dense"}
_KNOWN = {*_WITH_WEIGHTS, "Pooling", "Normalize"}


@dataclass(frozen=True)
class TextModelFiles:
    """What a model's folder says of itself; `settings` is the hash of all that is not weights."""

    folder: Path
    transformer: Path
    weights_sha256: str
    dim: int
    pooling: str
    window: int
    settings: str


@dataclass(frozen=True)
class _Module:
    kind: str
    folder: Path
    config: dict[str, Any]


def read(folder: Path) -> TextModelFiles:
    """Look whether the folder is whole, and what is in it.

    Raises:
        Damaged: a file is missing, cut off, or can't be read.
        UsageError: a model that would need code of its own, or weights that are no safetensors.
    """
    if not folder.is_dir():
        raise Damaged(f"Text model {folder}: no such folder. Name another one by --params text_model=PATH.")
    modules = [_module(folder, entry) for entry in _json(folder / "modules.json")]
    if not modules or modules[0].kind != "Transformer":
        raise UsageError(f"Text model {folder}: modules.json does not start with a Transformer.")
    transformer = modules[0].folder
    if not any((transformer / name).is_file() for name in ("tokenizer.json", "vocab.txt", "spiece.model")):
        raise Damaged(f"Text model {folder} has no tokenizer (tokenizer.json). Fetch the model again.")
    files = [file for module in modules if module.kind in _WITH_WEIGHTS for file in _weights(module.folder)]
    return TextModelFiles(
        folder,
        transformer,
        weights.hash_of(files),
        _dim(modules),
        _pooling(modules),
        _window(modules[0]),
        _hash(folder),
    )


def _module(folder: Path, entry: dict[str, Any]) -> _Module:
    package, _, kind = entry["type"].rpartition(".")
    if not package.startswith("sentence_transformers.") or kind not in _KNOWN:
        raise UsageError(
            f"Text model {folder}: its part {entry['type']} is not among {', '.join(sorted(_KNOWN))} of "
            f"sentence-transformers; code that comes with a model is never run."
        )
    path = folder / entry["path"]
    return _Module(kind, path, {} if kind == "Normalize" else _json(path / "config.json"))


def _weights(folder: Path) -> list[Path]:
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        return [folder / name for name in sorted(set(_json(index)["weight_map"].values()))]
    if not (folder / "model.safetensors").exists() and any(folder.glob("*.bin")):
        raise UsageError(f"Text model {folder}: its weights are .bin files. Save them as safetensors.")
    return [folder / "model.safetensors"]


def _dim(modules: list[_Module]) -> int:
    dim = int(modules[0].config["hidden_size"])
    for module in modules[1:]:
        if module.kind == "Pooling":
            dim *= len(_modes(module.config))
        elif module.kind == "Dense":
            dim = int(module.config["out_features"])
    return dim


def _pooling(modules: list[_Module]) -> str:
    return "+".join(mode for module in modules if module.kind == "Pooling" for mode in _modes(module.config))


def _modes(config: dict[str, Any]) -> list[str]:
    """The pooling modes, in the layout of sentence-transformers 5 and of those before."""
    if mode := config.get("pooling_mode"):
        return [mode] if isinstance(mode, str) else list(mode)
    named = [name for name, on in config.items() if name.startswith("pooling_mode_") and on is True]
    return [name.removeprefix("pooling_mode_").removesuffix("_tokens") for name in named] or ["mean"]


def _window(transformer: _Module) -> int:
    """The most tokens the model looks at."""
    limits = [transformer.config.get("max_position_embeddings")]
    for name, key in (
        ("sentence_bert_config.json", "max_seq_length"),
        ("tokenizer_config.json", "model_max_length"),
    ):
        if (path := transformer.folder / name).is_file():
            limits.append(_json(path).get(key))
    return int(min((limit for limit in limits if limit), default=512))


def _hash(folder: Path) -> str:
    files = {path for pattern in _SETTINGS for path in folder.glob(pattern)}
    return digest({str(path.relative_to(folder)): sha256(path) for path in sorted(files)})


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise Damaged(f"Text model: {path} is missing. Fetch the model again.") from None
    except (ValueError, OSError) as error:
        raise Damaged(f"Text model: {path} can't be read ({error}). Fetch the model again.") from None
