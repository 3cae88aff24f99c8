"""Images from files to release, by a small CLIP without training: only the plumbing is claimed."""

from pathlib import Path

import numpy as np
import pytest

from ml_etl.embeddings import vectors
from ml_etl.errors import ContractError
from tests.conftest import Data
from tests.encoders.clips import picture, save_model
from tests.shops import Shop

pytestmark = pytest.mark.slow  # models are loaded

COLOURS = {"001": "red", "002": "red", "003": "blue", "004": "green"}


@pytest.fixture
def pictured(tmp_path: Path) -> Shop:
    """001 and 002 have one picture, 005 a file cut off, 006 names none, 007 one that is not there."""
    shop = Shop(tmp_path / "shop")
    root = shop.folder / "images"
    root.mkdir(parents=True)
    for article, colour in COLOURS.items():
        picture(colour).save(root / f"{article}.png")
    whole = (root / "004.png").read_bytes()
    (root / "005.png").write_bytes(whole[: len(whole) // 2])
    shop.articles = [
        {"article_id": f"00{n}", "prod_name": f"thing {n}", "image_path": f"00{n}.png" if n != 6 else None}
        for n in range(1, 8)
    ]
    return shop.write()


def build(data: Data, shop: Shop, tmp_path: Path, share: float) -> None:
    model = tmp_path / "clip"
    if not model.exists():
        save_model(model)
    images = {"image_root": str(shop.folder / "images"), "image_model": str(model)}
    given = {"embeddings": {"max_problem_share": share}}
    data.run("embeddings", env="files", **shop.params, **images, **given)


def test_images_are_embedded_fused_and_judged(data: Data, pictured: Shop, tmp_path: Path) -> None:
    build(data, pictured, tmp_path, share=0.5)
    release = data.released("embeddings")
    table = release.read().order_by("article_id").to_pandas().set_index("article_id")
    assert table.image_row[table.image_row.notna()].astype(int).to_dict() == {
        "001": 0,
        "002": 1,
        "003": 2,
        "004": 3,
    }
    problems = table.image_problem[table.image_problem.notna()].to_dict()
    assert set(problems) == {"005", "007"}
    assert "cut off" in problems["005"] and problems["007"] == "no such file"
    ids, image = vectors(release, "image")
    _, text = vectors(release, "text")
    _, fused = vectors(release, "fused")
    assert ids.tolist() == ["001", "002", "003", "004"]
    assert (image[0] == image[1]).all() and not (image[0] == image[2]).all()
    np.testing.assert_allclose(fused, np.hstack([text[:4], image]) / 2**0.5, atol=1e-6)
    spaces = release.read("similar_articles").to_pandas().groupby("space").article_id.unique()
    assert sorted(spaces["image"]) == ["001", "002", "003", "004"]
    quality = release.read("quality")["image"]
    assert 0 <= quality["text_to_image_recall_at_10"] <= 1
    assert (quality["rows"], quality["distinct_contents"]) == (4, 3)


def test_too_many_bad_images_stop_the_run_with_their_list(data: Data, pictured: Shop, tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"2 of 6 can't be encoded") as error:
        build(data, pictured, tmp_path, share=0.1)
    assert "007.png: no such file" in str(error.value)


def test_a_new_picture_makes_a_new_release(data: Data, pictured: Shop, tmp_path: Path) -> None:
    build(data, pictured, tmp_path, share=0.5)
    first = data.released("embeddings").version
    build(data, pictured, tmp_path, share=0.5)
    assert data.released("embeddings").version == first
    picture("yellow").save(pictured.folder / "images" / "007.png")
    build(data, pictured, tmp_path, share=0.5)
    assert data.released("embeddings").version != first
    assert data.released("embeddings").manifest.artefacts["image"].rows == 5


def test_without_a_model_images_are_absent_and_texts_are_released(data: Data, pictured: Shop) -> None:
    """The default model is on the hub, which the test's machine is told not to ask."""
    pictured_root = {"image_root": str(pictured.folder / "images")}
    data.run("embeddings", env="files", **pictured.params, **pictured_root)
    release = data.released("embeddings")
    assert "image" not in release.artefacts and "text" in release.artefacts
    assert "fashionSigLIP" in release.manifest.artefacts["image"].absent
