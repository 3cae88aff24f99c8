"""Texts to vectors by a sentence-transformers model."""

import functools
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from ml_etl.encoders import texts
from ml_etl.encoders.encode import Contents, Failures
from ml_etl.encoders.text_files import TextModelFiles
from ml_etl.encoders.torch_library import device_of, torch, use_threads
from ml_etl.errors import Damaged
from ml_etl.vectors import ModelCard


class TextModel:
    """A sentence-transformers model, loaded when the first text is to be encoded."""

    chunk = 2048

    def __init__(self, card: ModelCard, files: TextModelFiles, device: str, threads: int | None):
        self.card = card
        self._files = files
        self._device = device
        self._threads = threads

    def contents(self, items: Sequence[Any]) -> Contents:
        return texts.contents_of(items, self._files.window)

    def weight(self, value: str) -> int:
        return len(value)

    def vectors(self, values: Sequence[str]) -> tuple[np.ndarray, Failures]:
        """float32 rows × dim, in batches of texts of about equal length in tokens."""
        model, rows = self._model, np.empty((len(values), self.card.dim), np.float32)
        with torch().inference_mode():
            tokens = tokenized(model, values)
            for batch in batches([len(ids) for ids in tokens["input_ids"]]):
                given = padded(model, tokens, batch)
                made = model({name: value.to(model.device) for name, value in given.items()})
                rows[batch] = made["sentence_embedding"].float().cpu().numpy()
        return rows, {}

    @functools.cached_property
    def _model(self) -> Any:
        return load(self._files, self.card.precision, self._device, self._threads)


TOKENS_PER_BATCH = 2048
"""Large enough to keep the cores busy, small enough for the processor's caches."""

MOST_PADDING = 0.1
"""No text of a batch is shorter than the longest by more than this share: padding is computed, too."""


def load(files: TextModelFiles, precision: str, device: str, threads: int | None) -> Any:
    """The SentenceTransformer of a folder; nothing is fetched, and no code of the model's runs."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    bfloat16, float32 = torch().bfloat16, torch().float32  # first: see torch_library
    use_threads(threads)
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    model = SentenceTransformer(
        str(files.folder),
        device=device_of(device),
        local_files_only=True,
        trust_remote_code=False,
        model_kwargs={
            "dtype": bfloat16 if precision == "bf16" else float32,
            "use_safetensors": True,
        },
    ).eval()
    _require_all_weights(model, files)
    return model


def _require_all_weights(model: Any, files: TextModelFiles) -> None:
    """Refuse a model some of whose weights its files lack: they would be random.

    The pooler is let off: models made for pooling by mean often lack it, and nothing reads it.

    Raises:
        Damaged: weights are missing, or of another shape.
    """
    inner, folder = model[0].auto_model, files.transformer
    _, report = type(inner).from_pretrained(folder, local_files_only=True, output_loading_info=True)
    lacking = sorted(str(key) for key in report["missing_keys"] if "pooler" not in str(key))
    lacking += sorted(str(key) for key in report["mismatched_keys"])
    if lacking:
        raise Damaged(
            f"Text model {files.folder}: {len(lacking)} weights are missing or of another shape, such as "
            f"{lacking[0]}. Fetch the model again."
        )


def tokenized(model: Any, values: Sequence[str]) -> Any:
    """The texts' tokens, cut to the model's window; not padded."""
    prompt = model.prompts.get(model.default_prompt_name) if model.default_prompt_name else None
    given = [prompt + text for text in values] if prompt else list(values)
    return model.tokenizer(given, truncation="longest_first", max_length=model.max_seq_length, padding=False)


def batches(lengths: Sequence[int]) -> list[list[int]]:
    """Positions by length, longest first, in batches of about equal length."""
    order = sorted(range(len(lengths)), key=lambda position: (-lengths[position], position))
    found: list[list[int]] = []
    longest = 0
    for position in order:
        full = found and (len(found[-1]) + 1) * longest > TOKENS_PER_BATCH
        if not found or full or lengths[position] < (1 - MOST_PADDING) * longest:
            found.append([])
            longest = lengths[position]
        found[-1].append(position)
    return found


def padded(model: Any, tokens: Any, batch: list[int]) -> dict[str, Any]:
    """One batch as tensors."""
    rows = {name: [values[position] for position in batch] for name, values in tokens.items()}
    return dict(model.tokenizer.pad(rows, padding=True, return_tensors="pt"))
