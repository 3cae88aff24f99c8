"""Encoders and image folders in Kedro's catalog."""

import functools
import logging
from abc import abstractmethod
from typing import Any

from kedro.io import AbstractDataset

from ml_etl.absent import Absent
from ml_etl.encoders.encode import CachedEncoder
from ml_etl.encoders.image_encoder import ImageTextEncoder, image_encoder
from ml_etl.encoders.image_root import identity_of_folder, root_of
from ml_etl.encoders.images import Images, Limits
from ml_etl.encoders.settings import settings_of
from ml_etl.encoders.text_encoder import text_encoder
from ml_etl.errors import UsageError
from ml_etl.files import digest
from ml_etl.layout import Layout
from ml_etl.vectors import ModelCard


def identity_of(card: ModelCard) -> str:
    """What stands in fingerprints and manifests for a model: readable, and other for another model."""
    at = f"@{card.revision}" if card.revision else ""
    settings = digest([card.pooling, card.preprocessing, card.backend, card.dim])[:16]
    return f"{card.model}{at} weights {card.weights_sha256[:16]} {card.precision} settings {settings}"


class _ReadOnly(AbstractDataset[Any, Any]):
    """A catalog entry that is only loaded; what it says of itself is part of fingerprints."""

    def save(self, data: Any) -> None:
        raise UsageError(f"{type(self).__name__} is only used, never saved.")

    @property
    @abstractmethod
    def identity(self) -> str:
        """What fingerprints and manifests say of it."""


class TextEncoder(_ReadOnly):
    """A sentence-transformers model: `load()` gives an Encoder of texts.

    The model itself is loaded when a text is to be encoded that the cache does not have.
    """

    def __init__(self, layout: dict[str, str], metadata: dict | None = None, **settings: Any):
        self._layout = Layout.of(**layout)
        self._settings = settings_of(settings)
        self.metadata = metadata

    @functools.cached_property
    def _encoder(self) -> CachedEncoder:
        return text_encoder(self._settings, self._layout.vectors, self._layout.precisions)

    @property
    def identity(self) -> str:
        return identity_of(self._encoder.card)

    def load(self) -> CachedEncoder:
        return self._encoder

    def _describe(self) -> dict[str, Any]:
        return {"model": self._settings.model, "precision": self._settings.precision}


class ImageEncoder(_ReadOnly):
    """An open_clip model: `load()` gives an Encoder of image files and of texts that ask for them.

    Absent where the shop has no `images` (root and beneath, as ImageFolder's), which asks nobody, or where
    the model is on the hub only and that can't be reached.
    """

    def __init__(
        self, layout: dict[str, str], images: dict[str, Any], metadata: dict | None = None, **settings: Any
    ):
        self._layout = Layout.of(**layout)
        self._images = images
        self._settings = settings_of(settings)
        self.metadata = metadata

    @functools.cached_property
    def _encoder(self) -> ImageTextEncoder | Absent:
        root = root_of(**self._images)
        if isinstance(root, Absent):
            return root
        found = image_encoder(self._settings, self._layout.vectors, self._layout.precisions)
        if isinstance(found, Absent):
            logging.getLogger(__name__).warning(
                "Images are left out: %s. Name a local model by --params image_model=PATH.", found.reason
            )
        return found

    @property
    def identity(self) -> str:
        found = self._encoder
        return f"absent: {found.reason}" if isinstance(found, Absent) else identity_of(found.card)

    def load(self) -> ImageTextEncoder | Absent:
        return self._encoder

    def _describe(self) -> dict[str, Any]:
        return {"model": self._settings.model, "precision": self._settings.precision}


class ImageFolder(_ReadOnly):
    """A folder of image files: `load()` gives Images, or Absent where the shop has none.

    `images` names it (root, and a folder beneath); `naming` is a file's name from {article_id} and {group},
    its first three digits, where the shop doesn't say the path.
    """

    def __init__(
        self,
        images: dict[str, Any],
        max_megabytes: float,
        max_megapixels: float,
        naming: str | None = None,
        metadata: dict | None = None,
    ):
        self._images = images
        self._limits = Limits(int(max_megabytes * 1e6), int(max_megapixels * 1e6))
        self._naming = naming
        self.metadata = metadata

    @property
    def identity(self) -> str:
        root = root_of(**self._images)
        return f"absent: {root.reason}" if isinstance(root, Absent) else identity_of_folder(root)

    def load(self) -> Images | Absent:
        root = root_of(**self._images)
        return root if isinstance(root, Absent) else Images(root, self._limits, self._naming)

    def _describe(self) -> dict[str, Any]:
        return {"root": self._images.get("root")}
