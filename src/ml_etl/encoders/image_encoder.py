"""The image encoder as the catalog and searches get it."""

import dataclasses
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ml_etl.absent import Absent
from ml_etl.encoders import clip_files, precision, sources, texts
from ml_etl.encoders.cache import VectorCache
from ml_etl.encoders.clip_model import Clip
from ml_etl.encoders.encode import CachedEncoder
from ml_etl.encoders.settings import ModelSettings
from ml_etl.encoders.torch_library import torch
from ml_etl.encoders.towers import ImageTower, TextTower
from ml_etl.vectors import Encoded, ModelCard

VERSION = "image-2"
"""Changes when images are prepared in another way: it is part of the key of every vector."""


class ImageTextEncoder:
    """An Encoder of image files that can also encode texts into the images' space."""

    def __init__(self, images: CachedEncoder, queries: CachedEncoder):
        self._images = images
        self._queries = queries

    @property
    def card(self) -> ModelCard:
        return self._images.card

    def encode(self, items: Sequence[Any]) -> Encoded:
        """Items are ImageFiles (ml_etl.encoders.images)."""
        return self._images.encode(items)

    def encode_text(self, queries: Sequence[Any]) -> Encoded:
        """Texts that ask for images."""
        return self._queries.encode(queries)


def image_encoder(
    settings: ModelSettings, cache: Path | None, record: Path | None
) -> ImageTextEncoder | Absent:
    """The encoder of an open_clip model; Absent where it is on the hub only and that can't be reached.

    Raises:
        Damaged: the model's files are not whole.
    """
    source = sources.locate(settings, clip_files.HUB_FILES)
    if isinstance(source, Absent):
        return source
    files = clip_files.read(source.path, settings.architecture)
    source.check(files.weights_sha256)
    chosen = precision.decided(
        settings.precision,
        files.weights_sha256,
        settings.device,
        record,
        lambda asked: _probed(Clip(files, asked, settings.device)),
    )
    clip = functools.cache(lambda: Clip(files, chosen, settings.device))
    card = _card(source, files, settings.architecture, chosen)
    query_card = dataclasses.replace(
        card,
        kind="image_query",
        pooling="text tower",
        preprocessing=f"{texts.VERSION}, {files.window} tokens, settings {files.settings[:16]}",
    )
    return ImageTextEncoder(
        CachedEncoder(ImageTower(card, clip, settings.threads), VectorCache(cache, card)),
        CachedEncoder(
            TextTower(query_card, clip, files.window, settings.threads), VectorCache(cache, query_card)
        ),
    )


def _card(
    source: sources.Source, files: clip_files.ClipFiles, architecture: str | None, chosen: str
) -> ModelCard:
    return ModelCard(
        kind="image",
        model=source.model,
        revision=source.revision,
        weights_sha256=files.weights_sha256,
        backend="open_clip",
        precision=chosen,
        pooling="image tower",
        preprocessing=f"{VERSION}, settings {files.settings[:16]}",
        dim=files.dim,
        architecture=architecture,
    )


def _probed(clip: Clip) -> np.ndarray:
    """Vectors of both towers that bfloat16 must agree with float32 on."""
    with torch().inference_mode():
        return np.concatenate([clip.of_images(probe_images()), clip.of_texts(texts.PROBE)])


def probe_images() -> list[Any]:
    """Plain, graded, striped, noise; large and small."""
    from PIL import Image

    noise = np.random.default_rng(0).integers(0, 256, (200, 300, 3))
    across, down = np.meshgrid(np.arange(300), np.arange(200))
    arrays = [
        np.full((240, 240, 3), 200),
        np.stack([across % 256, down, (across + down) % 256], axis=2),
        np.repeat(((across // 10) % 2 * 255)[:, :, None], 3, axis=2),
        noise,
        noise[:40, :30],
        noise // 4 + np.array([180, 20, 40]),
    ]
    return [Image.fromarray(array.astype(np.uint8)) for array in arrays]
