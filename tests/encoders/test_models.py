"""Models of one's own, whole and damaged: one clear error before any work, and never random weights."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from ml_etl.encoders.image_encoder import ImageTextEncoder, image_encoder
from ml_etl.encoders.settings import ModelSettings, settings_of
from ml_etl.encoders.text_encoder import text_encoder
from ml_etl.errors import Damaged, EtlError, UsageError
from tests.encoders import clips, sentences

Breaking = Callable[[Path], object]


@pytest.fixture(scope="module")
def text_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sentences.save_model(tmp_path_factory.mktemp("models") / "text")


@pytest.fixture(scope="module")
def image_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clips.save_model(tmp_path_factory.mktemp("models") / "image")


def cut(name: str) -> Breaking:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:-1000])


def gone(name: str) -> Breaking:
    return lambda folder: (folder / name).unlink()


def torn(name: str) -> Breaking:
    return lambda folder: (folder / name).write_text('{"hidden_size": ')


def garbage(name: str) -> Breaking:
    return lambda folder: (folder / name).write_bytes(b"\xff" * 5000)


def as_pickle(name: str) -> Breaking:
    return lambda folder: (folder / name).rename(folder / "pytorch_model.bin")


def without_one_weight(name: str, tensor: str) -> Breaking:
    def change(folder: Path) -> None:
        weights = load_file(folder / name)
        del weights[tensor]
        save_file(weights, folder / name, metadata={"format": "pt"})

    return change


def with_code_of_its_own(folder: Path) -> None:
    modules = json.loads((folder / "modules.json").read_text())
    modules[1]["type"] = "theirs.Pooling"
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "theirs.py").write_text("raise SystemExit('ran')")


@pytest.mark.parametrize(
    ("breaking", "kind", "says"),
    [
        (cut("model.safetensors"), Damaged, "expected .* bytes by their header"),
        (gone("model.safetensors"), Damaged, "are missing"),
        (garbage("model.safetensors"), Damaged, "can't be read as safetensors"),
        (gone("config.json"), Damaged, "config.json is missing"),
        (torn("config.json"), Damaged, "config.json can't be read"),
        (gone("modules.json"), Damaged, "modules.json is missing"),
        (gone("1_Pooling/config.json"), Damaged, "1_Pooling/config.json is missing"),
        (gone("tokenizer.json"), Damaged, "has no tokenizer"),
        (as_pickle("model.safetensors"), UsageError, "safetensors"),
        (with_code_of_its_own, UsageError, "code that comes with a model is never run"),
    ],
)
def test_a_damaged_text_model_is_found_before_it_is_loaded(
    text_folder: Path,
    tmp_path: Path,
    breaking: Breaking,
    kind: type[EtlError],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = Path(shutil.copytree(text_folder, tmp_path / "model"))
    breaking(folder)
    monkeypatch.setattr("ml_etl.encoders.text_model.load", _not_to_be_called)
    with pytest.raises(kind, match=says):
        text_encoder(ModelSettings(model=str(folder)), None, None)


def test_a_text_model_that_lacks_a_weight_is_refused(text_folder: Path, tmp_path: Path) -> None:
    """transformers would fill it at random and only warn."""
    folder = Path(shutil.copytree(text_folder, tmp_path / "model"))
    without_one_weight("model.safetensors", "encoder.layer.1.output.dense.weight")(folder)
    encoder = text_encoder(ModelSettings(model=str(folder), precision="fp32"), None, None)
    with pytest.raises(Damaged, match=r"encoder\.layer\.1\.output\.dense\.weight"):
        encoder.encode(["a dress"])


def test_weights_that_were_changed_are_found_by_their_hash(text_folder: Path, tmp_path: Path) -> None:
    whole = text_encoder(ModelSettings(model=str(text_folder), precision="fp32"), None, None)
    folder = Path(shutil.copytree(text_folder, tmp_path / "model"))
    content = bytearray((folder / "model.safetensors").read_bytes())
    content[-1] ^= 1
    (folder / "model.safetensors").write_bytes(content)
    changed = text_encoder(ModelSettings(model=str(folder), precision="fp32"), None, None)
    assert changed.card.weights_sha256 != whole.card.weights_sha256
    pinned = ModelSettings(model=str(folder), weights_sha256=whole.card.weights_sha256)
    with pytest.raises(Damaged, match="changed or damaged"):
        text_encoder(pinned, None, None)


@pytest.mark.parametrize(("dense", "dim"), [(None, sentences.HIDDEN), (10, 10)])
def test_a_folder_of_ones_own_is_told_from_its_files(tmp_path: Path, dense: int | None, dim: int) -> None:
    folder = sentences.save_model(tmp_path / "model", dense)
    encoder = text_encoder(ModelSettings(model=str(folder), precision="fp32"), None, None)
    assert (encoder.card.dim, encoder.card.pooling) == (dim, "mean")
    assert f"{sentences.WINDOW} tokens" in encoder.card.preprocessing
    encoded = encoder.encode(["a dress", "word " * 100])
    assert encoded.vectors.shape == (2, dim)
    assert np.allclose(np.linalg.norm(encoded.vectors, axis=1), 1, atol=1e-6)


@pytest.mark.parametrize(
    ("breaking", "kind", "says"),
    [
        (cut("open_clip_model.safetensors"), Damaged, "expected .* bytes by their header"),
        (gone("open_clip_model.safetensors"), Damaged, "no safetensors file"),
        (garbage("open_clip_model.safetensors"), Damaged, "can't be read as safetensors"),
        (gone("open_clip_config.json"), Damaged, "description is missing"),
        (torn("open_clip_config.json"), Damaged, "can't be read"),
        (lambda folder: (folder / "open_clip_config.json").write_text("{}"), Damaged, "lacks embed_dim"),
    ],
)
def test_a_damaged_image_model_is_found_before_it_is_loaded(
    image_folder: Path,
    tmp_path: Path,
    breaking: Breaking,
    kind: type[EtlError],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = Path(shutil.copytree(image_folder, tmp_path / "model"))
    breaking(folder)
    monkeypatch.setattr("ml_etl.encoders.clip_model._model", _not_to_be_called)
    with pytest.raises(kind, match=says):
        image_encoder(ModelSettings(model=str(folder)), None, None)


def test_an_image_model_that_lacks_a_weight_is_refused(image_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(image_folder, tmp_path / "model"))
    without_one_weight("open_clip_model.safetensors", "visual.proj")(folder)
    with pytest.raises(Damaged, match=r"visual\.proj"):
        image_encoder(ModelSettings(model=str(folder), precision="auto"), None, None)


@pytest.mark.parametrize("beside", ["model.json", "open_clip_config.json"])
def test_a_checkpoint_with_its_description_beside_it(image_folder: Path, tmp_path: Path, beside: str) -> None:
    checkpoint = tmp_path / "model.safetensors"
    shutil.copy(image_folder / "open_clip_model.safetensors", checkpoint)
    (tmp_path / beside).write_text(json.dumps(clips.CONFIG))  # the model alone, as open_clip's own are
    named = image_encoder(ModelSettings(model=str(checkpoint), precision="fp32"), None, None)
    whole = image_encoder(ModelSettings(model=str(image_folder), precision="fp32"), None, None)
    assert isinstance(named, ImageTextEncoder)
    assert isinstance(whole, ImageTextEncoder)
    queries = ["a red dress"]
    assert np.array_equal(named.encode_text(queries).vectors, whole.encode_text(queries).vectors)


def test_a_checkpoint_by_the_name_of_an_architecture(image_folder: Path, tmp_path: Path) -> None:
    """The name gives open_clip's own description; that these weights don't fit it is found."""
    checkpoint = tmp_path / "model.safetensors"
    shutil.copy(image_folder / "open_clip_model.safetensors", checkpoint)
    settings = {"model": str(checkpoint), "precision": "fp32"}
    named = image_encoder(settings_of({**settings, "architecture": "ViT-B-32"}), None, None)
    assert isinstance(named, ImageTextEncoder)
    assert (named.card.dim, named.card.architecture) == (512, "ViT-B-32")
    with pytest.raises(Damaged, match="of the same model"):
        named.encode_text(["a red dress"])
    with pytest.raises(UsageError, match="has no ViT-Z-1"):
        image_encoder(settings_of({**settings, "architecture": "ViT-Z-1"}), None, None)


def test_other_formats_than_safetensors_are_never_opened(tmp_path: Path) -> None:
    (tmp_path / "model.pt").write_bytes(b"whatever it is")
    with pytest.raises(UsageError, match=r"expected a \.safetensors file"):
        image_encoder(ModelSettings(model=str(tmp_path / "model.pt")), None, None)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Damaged, match="no such folder"):
        text_encoder(ModelSettings(model=str(tmp_path / "nothing")), None, None)
    with pytest.raises(Damaged, match="missing"):
        image_encoder(ModelSettings(model=str(tmp_path / "nothing.safetensors")), None, None)


def test_settings_that_cant_be_meant() -> None:
    with pytest.raises(UsageError, match="precision"):
        settings_of({"model": "x", "precision": "int8"})
    with pytest.raises(UsageError, match="batch"):
        settings_of({"model": "x", "batch": 3})


def _not_to_be_called(*_: object, **__: object) -> None:
    raise AssertionError("the model was loaded")


def test_a_model_that_is_called_with_a_prompt_gets_it(tmp_path: Path) -> None:
    """As E5 and its like: their own `encode` puts a prompt before every text."""
    folder = sentences.save_model(tmp_path / "model")
    plain = _first_vector(folder)
    (folder / "config_sentence_transformers.json").write_text(
        json.dumps({"prompts": {"query": "query: "}, "default_prompt_name": "query"})
    )
    prompted = _first_vector(folder)
    assert not np.allclose(plain, prompted)
    pooling = json.loads((folder / "1_Pooling" / "config.json").read_text())
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({**pooling, "include_prompt": False}))
    with pytest.raises(UsageError, match="prompts or templates that are not supported"):
        _first_vector(folder)


def _first_vector(folder: Path) -> np.ndarray:
    encoder = text_encoder(ModelSettings(model=str(folder), precision="fp32"), None, None)
    return encoder.encode(["a dress"]).vectors[0]
