"""The encoders in Kedro's catalog."""

import functools
from typing import Any

from kedro.io import AbstractDataset

from ml_etl.encoders.encode import CachedEncoder
from ml_etl.encoders.settings import settings_of
from ml_etl.encoders.text_encoder import text_encoder
from ml_etl.errors import UsageError
from ml_etl.files import digest
from ml_etl.layout import Layout
from ml_etl.vectors import ModelCard


def identity_of(card: ModelCard) -> str:
    """What stands in fingerprints and manifests for a model: readable, and other for another model."""
    at = f"@{card.revision}" if card.revision else ""
    weights = card.weights_sha256[:16]
    settings = digest([card.pooling, card.preprocessing, card.backend, card.dim])[:16]
    return f"{card.model}{at} weights {weights} {card.precision} settings {settings}"


class TextEncoder(AbstractDataset[Any, CachedEncoder]):
    """A sentence-transformers model: `load()` gives an Encoder of texts.

    The model itself is loaded when a text is to be encoded that the cache does not have.
    """

    def __init__(self, layout: dict[str, str], metadata: dict | None = None, **settings: Any):
        self._layout = Layout.of(**layout)
        self._settings = settings
        self.metadata = metadata

    @functools.cached_property
    def _encoder(self) -> CachedEncoder:
        return text_encoder(settings_of(self._settings), self._layout.vectors, self._layout.precisions)

    @property
    def identity(self) -> str:
        return identity_of(self._encoder.card)

    def load(self) -> CachedEncoder:
        return self._encoder

    def save(self, data: Any) -> None:
        raise UsageError("An encoder is only used, never saved.")

    def _describe(self) -> dict[str, Any]:
        return {"model": self._settings.get("model"), "precision": self._settings.get("precision")}
