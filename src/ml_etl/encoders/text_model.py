"""Texts to vectors by a sentence-transformers model."""

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from ml_etl.encoders import texts
from ml_etl.encoders.encode import Contents, Failures
from ml_etl.encoders.precision import LEAST_COSINE, cosines
from ml_etl.encoders.text_files import TextModelFiles
from ml_etl.encoders.torch_library import device_of, torch
from ml_etl.encoders.workers import on_all_cores
from ml_etl.errors import Damaged, UsageError
from ml_etl.vectors import ModelCard

TOKENS_PER_BATCH = 1024
"""On the processor: enough to be worth the call, few enough for its caches."""

TOKENS_ELSEWHERE = 32_768
"""Other devices take one batch at a time, and want it large."""


class TextModel:
    """A sentence-transformers model, loaded when the first text is to be encoded."""

    chunk = 2048

    def __init__(self, card: ModelCard, files: TextModelFiles, device: str, threads: int | None):
        self.card = card
        self._files = files
        self._device = device
        self._threads = threads
        self._checked = False

    def contents(self, items: Sequence[Any]) -> Contents:
        return texts.contents_of(items, self._files.window)

    def ready(self) -> None:
        """Load the model and see that it is called as sentence-transformers would.

        Raises:
            UsageError: it wants something else than plain texts, such as a chat's template.
        """
        if self._checked:
            return
        theirs = self._model.encode(texts.PROBE[:3])
        if cosines(theirs, self.vectors(texts.PROBE[:3])[0]).min() < LEAST_COSINE:
            raise UsageError(
                f"Text model {self.card.model}: `SentenceTransformer.encode` gives other vectors than its "
                f"parts, which get plain texts. It wants prompts or templates that are not supported."
            )
        self._checked = True

    def weight(self, value: str) -> int:
        return len(value)

    def vectors(self, values: Sequence[str]) -> tuple[np.ndarray, Failures]:
        """float32 rows × dim.

        A batch holds texts of equal length in tokens: nothing is padded, and a text's vector does not
        depend on what else is encoded.
        """
        model, tokens = self._model, tokenized(self._model, values)
        rows = np.empty((len(values), self.card.dim), np.float32)

        def encode(batch: list[int]) -> None:
            given = {name: torch().tensor([ids[i] for i in batch]) for name, ids in tokens.items()}
            made = model({name: value.to(model.device) for name, value in given.items()})
            rows[batch] = made["sentence_embedding"].float().cpu().numpy()

        lengths, device = [len(ids) for ids in tokens["input_ids"]], model.device.type
        most = TOKENS_PER_BATCH if device == "cpu" else TOKENS_ELSEWHERE
        on_all_cores(encode, batches(lengths, most), device, self._threads)
        return rows, {}

    @functools.cached_property
    def _model(self) -> Any:
        return load(self._files, self.card.precision, self._device)


def load(files: TextModelFiles, precision: str, device: str) -> Any:
    """The SentenceTransformer of a folder; nothing is fetched, and no code of the model's runs.

    Raises:
        Damaged: the files don't make a model.
    """
    dtype = torch().bfloat16 if precision == "bf16" else torch().float32  # torch first: see torch_library
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    given, place = {"dtype": dtype, "use_safetensors": True}, device_of(device)
    try:
        model = SentenceTransformer(
            str(files.folder),
            device=place,
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs=given,
        )
    except Exception as error:  # what doesn't fit is found by look-ups, torch and others
        first = " ".join(str(error).strip().splitlines()[:3])
        raise Damaged(f"Text model {files.folder} can't be loaded: {first}. Fetch it again.") from error
    _require_all_weights(model, files)
    return model.eval()


def _require_all_weights(model: Any, files: TextModelFiles) -> None:
    """Refuse a model some of whose weights its files lack: they would be random.

    The pooler is let off: models made for pooling by mean often lack it, and nothing reads it.

    Raises:
        Damaged: weights are missing, or of another shape.
    """
    kind = type(model[0].auto_model)
    _, report = kind.from_pretrained(files.transformer, local_files_only=True, output_loading_info=True)
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


def batches(lengths: Sequence[int], tokens: int) -> list[list[int]]:
    """Positions by length, longest first, in batches of one length and at most so many tokens."""
    order = sorted(range(len(lengths)), key=lambda position: (-lengths[position], position))
    found: list[list[int]] = []
    for position in order:
        same = found and lengths[found[-1][0]] == lengths[position]
        if not same or (len(found[-1]) + 1) * lengths[position] > tokens:
            found.append([])
        found[-1].append(position)
    return found
