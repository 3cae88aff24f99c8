"""A small open_clip model with weights of noise, and real image files: for what must work with any model."""

import json
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

CONFIG: dict[str, Any] = {
    "embed_dim": 32,
    "vision_cfg": {"image_size": 64, "layers": 2, "width": 64, "head_width": 32, "patch_size": 16},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 2},
}


def save_model(folder: Path, config: dict[str, Any] | None = None) -> Path:
    """A folder as the hub has it: open_clip_config.json and open_clip_model.safetensors."""
    from ml_etl.encoders.torch_library import torch

    torch().manual_seed(0)
    import open_clip
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    described = folder / "open_clip_config.json"
    described.write_text(json.dumps({"model_cfg": config or CONFIG, "preprocess_cfg": {}}))
    model = open_clip.create_model(f"local-dir:{folder}", load_weights=False, pretrained_text=False)
    weights = {name: value.contiguous() for name, value in model.state_dict().items()}
    save_file(weights, folder / "open_clip_model.safetensors")
    return folder


def picture(colour: str, shape: str = "rectangle", size: tuple[int, int] = (120, 160)) -> Image.Image:
    """A shape on white."""
    image = Image.new("RGB", size, "white")
    box = (size[0] // 5, size[1] // 5, 4 * size[0] // 5, 4 * size[1] // 5)
    getattr(ImageDraw.Draw(image), shape)(box, fill=colour)
    return image
