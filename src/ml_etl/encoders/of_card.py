"""The very model a release was made with."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from ml_etl.absent import Absent
from ml_etl.encoders.encode import CachedEncoder
from ml_etl.encoders.image_encoder import ImageTextEncoder, image_encoder
from ml_etl.encoders.processor import has_bf16
from ml_etl.encoders.settings import settings_of
from ml_etl.encoders.text_encoder import text_encoder
from ml_etl.errors import UsageError
from ml_etl.vectors import ModelCard


def encoder_of(
    card: ModelCard | Mapping[str, Any], device: str = "auto", threads: int | None = None
) -> CachedEncoder | ImageTextEncoder | Absent:
    """The encoder a card describes, for queries: nothing is kept of what it encodes.

    `card` is a ModelCard, or a release's card with the same keys among others. A machine without bfloat16
    computes in float32, which is nearer still to what was meant.

    Raises:
        Damaged: the model's weights are not those of the card.
        UsageError: a card of something else.
    """
    given = dataclasses.asdict(card) if isinstance(card, ModelCard) else card
    makers: dict[Any, Any] = {"text": text_encoder, "image": image_encoder}
    if (kind := given.get("kind")) not in makers:
        raise UsageError(f"No encoder makes vectors of kind {kind!r}; there are: {', '.join(makers)}.")
    named = {key: given.get(key) for key in ("model", "revision", "weights_sha256", "architecture")}
    precision = "bf16" if given["precision"] == "bf16" and has_bf16() else "fp32"
    settings = settings_of({**named, "precision": precision, "device": device, "threads": threads})
    return makers[kind](settings, None, None)
