"""A loaded open_clip model: images, and texts that ask for images, to vectors."""

import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ml_etl.encoders.clip_files import ClipFiles
from ml_etl.encoders.torch_library import device_of, torch
from ml_etl.errors import Damaged
from ml_etl.files import digest


class Clip:
    """Both towers, the tokenizer, and how images are prepared.

    No vector is of unit length. Whoever calls it switches gradients off (ml_etl.encoders.workers).
    """

    def __init__(self, files: ClipFiles, precision: str, device: str):
        self.device = device_of(device)
        self._dtype = torch().bfloat16 if precision == "bf16" else torch().float32
        try:
            self._model = _model(files).to(device=self.device, dtype=self._dtype).eval()
            self._prepare, self._tokenize = _preparation(self._model), _tokenizer(files)
        except Exception as error:  # what doesn't fit is found by assertions, look-ups, torch and others
            first = " ".join(str(error).strip().splitlines()[:3])
            raise Damaged(
                f"Image model {files.checkpoint} can't be loaded: {first}. Are its weights and its "
                f"description of the same model?"
            ) from error

    def of_images(self, images: Sequence[Any]) -> np.ndarray:
        """A row per PIL image."""
        pixels = torch().stack([self._prepare(image) for image in images])
        return _plain(self._model.encode_image(pixels.to(self.device, self._dtype)))

    def of_texts(self, queries: Sequence[str]) -> np.ndarray:
        """A row per text, in the images' space."""
        return _plain(self._model.encode_text(self._tokenize(list(queries)).to(self.device)))


def _plain(vectors: Any) -> np.ndarray:
    return vectors.float().cpu().numpy()


def _model(files: ClipFiles) -> Any:
    """The model with every weight from its checkpoint; nothing is fetched."""
    torch()
    import open_clip

    name = "ml_etl_" + digest(files.model_config)[:16]
    with tempfile.TemporaryDirectory() as folder:  # open_clip takes descriptions as files, by name
        described = Path(folder) / f"{name}.json"
        described.write_text(json.dumps(files.model_config), "utf-8")
        open_clip.add_model_config(described)
        return open_clip.create_model(
            name,
            pretrained=str(files.checkpoint),
            pretrained_image=False,
            pretrained_text=False,
            require_pretrained=True,
            force_preprocess_cfg=files.preprocess,
        )


def _preparation(model: Any) -> Callable:
    from open_clip.transform import PreprocessCfg, image_transform_v2

    return image_transform_v2(PreprocessCfg(**model.visual.preprocess_cfg), is_train=False)


def _tokenizer(files: ClipFiles) -> Callable:
    from open_clip.tokenizer import HFTokenizer, SimpleTokenizer

    text = files.model_config["text_cfg"]
    given = {"context_length": files.window, **text.get("tokenizer_kwargs", {})}
    if not text.get("hf_tokenizer_name"):
        return SimpleTokenizer(**given)
    return HFTokenizer(str(files.checkpoint.parent), tokenizer_mode=text.get("tokenizer_mode"), **given)
