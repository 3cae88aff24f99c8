"""The released reviews of a small shop: every rule tied to a numbered review."""

import datetime as dt
import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.conftest import Data
from tests.shops import Shop

pytestmark = pytest.mark.slow  # they load the text encoder

T = dt.datetime
SOFT = "The fabric is soft and I love the color."
ROWS: list[dict[str, Any]] = [
    {"n": 1, "rating": 5, "title": "Love it!", "review_text": SOFT, "created_at": T(2020, 1, 10, 12)},
    {"n": 2, "rating": 4, "review_text": "Nice quality but it runs small.", "created_at": T(2020, 1, 20)},
    {"n": 3, "rating": 1, "title": "Awful", "review_text": "It ripped.", "created_at": T(2020, 1, 31, 23)},
    {
        "n": 4,
        "rating": 2,
        "article_id": "002",
        "review_text": "Too big and ugly. I hate it.",
        "created_at": T(2020, 1, 2),
    },
    {"n": 5, "rating": 5, "article_id": "002", "created_at": T(2020, 1, 3)},  # only stars
    {
        "n": 6,
        "rating": 5,
        "article_id": "002",
        "title": "Love it!",
        "review_text": SOFT,
        "created_at": T(2020, 1, 12),
    },
    {"n": 7, "rating": 3, "article_id": "003", "title": "So-so", "created_at": T(2020, 1, 4)},  # too short
    {
        "n": 8,
        "rating": 5,
        "article_id": "999",
        "review_text": "Me gusta mucho esta blusa, es muy bonita.",
        "created_at": T(2020, 1, 5),
    },
    {
        "n": 9,
        "article_id": "003",
        "review_text": "CLICK HERE http://x.example/win now",
        "created_at": T(2020, 1, 6),
    },  # no rating
    {
        "n": 10,
        "rating": 4,
        "article_id": "003",
        "review_text": "Call 614-555-0100, it  \n Fits   WELL.",
        "created_at": T(2020, 1, 7),
    },
    {
        "n": 11,
        "rating": 4,
        "article_id": "004",
        "category_name": "Hats",
        "review_text": "A fine hat for the summer.",
        "created_at": None,
    },
    {"n": 12, "rating": 1, "review_text": "Too late to be known.", "created_at": T(2020, 2, 1)},
]
_TYPES = {"rating": pa.float64(), "simulated": pa.bool_(), "helpful_count": pa.int64()}


def table(rows: list[dict[str, Any]]) -> pa.Table:
    from tests.shops import table as typed

    full = [{"article_id": "001", "customer_id": "c1", **row, "review_id": f"r{row['n']:02}"} for row in rows]
    return typed(full, **_TYPES)


def build(data: Data, shop: Shop, rows: list[dict[str, Any]], **params: Any) -> Any:
    """The release of these reviews, as of the first of February."""
    shop.put("reviews", table(rows))
    given = {"as_of": "2020-02-01", **shop.params, **params}
    data.run("reviews", env="files", **given)
    return data.released("reviews", as_of=given["as_of"])


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, monkeypatch_module: pytest.MonkeyPatch) -> Any:
    folder = tmp_path_factory.mktemp("small")
    monkeypatch_module.setenv("ML_ETL_DATA", str(folder / "data"))
    shop = Shop(folder / "shop")
    for article, group in zip(shop.articles, ("Tops", "Tops", "Dresses", None), strict=True):
        article["product_group_name"] = group
    return build(Data(folder / "data"), shop.write(), ROWS)


@pytest.fixture(scope="module")
def rows(small: Any) -> dict[int, dict[str, Any]]:
    found = small.read().order_by("review_id").to_pyarrow().to_pylist()
    return {int(row["review_id"][1:]): row for row in found}


def which(rows: dict[int, dict[str, Any]], flag: str) -> set[int]:
    return {n for n, row in rows.items() if row[flag]}


def test_known_are_those_before_the_as_of_and_those_without_a_date(rows: dict) -> None:
    assert sorted(rows) == [*range(1, 12)]
    assert rows[11]["review_age_days"] is None
    assert [rows[n]["review_age_days"] for n in (1, 3)] == [21, 0]


def test_texts(rows: dict) -> None:
    assert rows[1]["sentiment_text"] == f"Love it!. {SOFT}"
    assert rows[5]["sentiment_text"] == ""
    assert rows[7]["sentiment_text"] == "So-so"
    assert rows[9]["text_clean"] == "click here now"
    assert rows[10]["text_clean"] == "call [phone], it fits well."
    assert [rows[n]["word_count"] for n in (1, 5, 9, 10)] == [11, 0, 3, 5]


def test_flags(rows: dict) -> None:
    assert which(rows, "is_empty") == {5}
    assert which(rows, "is_too_short") == {7}
    assert which(rows, "is_duplicate") == {6}  # of 1, which came first
    assert rows[6]["duplicate_of"] == "r01"
    assert which(rows, "is_spam") == {9}
    assert which(rows, "pii_found") == {10}
    assert not which(rows, "simulated")


def test_languages_and_vader(rows: dict) -> None:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    assert {n: row["language"] for n, row in rows.items() if row["language"] != "en"} == {5: None, 8: "es"}
    assert {n for n, row in rows.items() if row["vader_compound"] is None} == {5, 8}
    expected = SentimentIntensityAnalyzer().polarity_scores(rows[3]["sentiment_text"])
    assert [rows[3][f"vader_{name}"] for name in expected] == list(expected.values())


def test_categories_are_the_articles_then_the_reviews_own(rows: dict) -> None:
    found = {n: rows[n]["category"] for n in (1, 4, 7, 8, 11)}
    assert found == {1: "Tops", 4: "Tops", 7: "Dresses", 8: "UNKNOWN", 11: "Hats"}
    assert {n for n, row in rows.items() if not row["article_known"]} == {8}


def test_too_few_ratings_to_learn_from_is_said(small: Any, rows: dict) -> None:
    assert all(row["learned_sentiment"] is None for row in rows.values())
    assert "are needed" in small.read("card")["learned_model"]["not_fitted"]
    assert small.read("sentiment_model")["coefficients"].shape[0] == 0


def test_aspects_with_the_words_that_say_so(small: Any, rows: dict) -> None:
    found = small.read("aspects").order_by("review_id", "start", "aspect").to_pyarrow().to_pylist()
    told = [(int(r["review_id"][1:]), r["aspect"], r["polarity"], r["size"], r["span"]) for r in found]
    assert (1, "fabric", "positive", None, SOFT.rstrip(".")) in told
    assert (2, "quality", "positive", None, "Nice quality") in told
    assert (2, "size", "negative", "small", "but it runs small") in told
    assert (3, "quality", "negative", None, "It ripped") in told
    assert (4, "size", "negative", "large", "Too big and ugly") in told
    for row in found:
        text = rows[int(row["review_id"][1:])]["sentiment_text"]
        assert text[row["start"] : row["end"]] == row["span"]


def test_article_sentiment_by_hand(small: Any) -> None:
    """Ratings 001: 5 4 1; 002: 2 5 5; 003: 3 4 and one without; 004: 4; 999: 5. C = 2, m = 38 / 10."""
    found = {r["article_id"]: r for r in small.read("article_sentiment").to_pyarrow().to_pylist()}
    counts = {name: (row["review_count"], row["rated_count"]) for name, row in found.items()}
    assert counts == {"001": (3, 3), "002": (3, 3), "003": (3, 2), "004": (1, 1), "999": (1, 1)}
    assert found["001"]["bayesian_rating"] == pytest.approx((2 * 3.8 + 10) / 5)
    assert found["003"]["bayesian_rating"] == pytest.approx((2 * 3.8 + 7) / 4)
    assert found["001"]["positive_share"] == pytest.approx(2 / 3)
    assert found["001"]["wilson_lower"] == pytest.approx(wilson(2, 3))
    assert found["004"]["wilson_lower"] == pytest.approx(0.2065, abs=1e-4)  # 1 of 1, published tables
    slope = np.polyfit([-21, -11, 0], [5, 4, 1], 1)[0]
    assert found["001"]["rating_slope_30d"] == pytest.approx(slope)
    assert found["999"]["rating_slope_90d"] is None  # one day
    assert found["004"]["rating_slope_90d"] is None  # no date
    assert found["001"]["top_complaint"] is None  # two different ones, one review each


def wilson(good: int, n: int, z: float = 1.96) -> float:
    p = good / n
    return (p + z * z / (2 * n) - z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))) / (1 + z * z / n)


def test_category_sentiment_counts_articles_and_reviews(small: Any) -> None:
    found = {r["category"]: r for r in small.read("category_sentiment").to_pyarrow().to_pylist()}
    counts = {name: (row["article_count"], row["review_count"]) for name, row in found.items()}
    assert counts == {"Tops": (2, 6), "Dresses": (1, 3), "Hats": (1, 1), "UNKNOWN": (1, 1)}
    tops = found["Tops"]
    assert (tops["top_complaint"], tops["top_complaint_reviews"]) == ("size", 2)  # reviews 2 and 4
    assert tops["bayesian_rating"] == pytest.approx((2 * 3.8 + 22) / 8)


def test_vectors_and_index_are_aligned_with_the_table(small: Any, rows: dict) -> None:
    vectors, index = small.read("vectors"), small.read("index")
    assert vectors.shape == (11, 384)
    assert (np.linalg.norm(vectors, axis=1).round(3) == [0.0 if n == 5 else 1.0 for n in rows]).all()
    assert {n for n, row in rows.items() if not row["has_vector"]} == {5}
    assert (vectors[0] == vectors[5]).all()  # reviews 1 and 6 say the same
    assert sorted(np.asarray(index.keys).tolist()) == [
        0,
        1,
        2,
        3,
        6,
        7,
        8,
        9,
        10,
    ]  # each text once, no empty one
    for row in (1, 8):
        assert index.search(np.asarray(vectors[row]), 1).keys.tolist() == [row]


def test_an_index_in_shards_is_searched_as_one(small: Any, data: Data, shop: Shop) -> None:
    sharded = build(data, shop, ROWS, reviews={"search": {"index_shard": 4}})
    entry, one, several = sharded.manifest.artefacts["index"], small.read("index"), sharded.read("index")
    assert [(Path(file.path).name, file.rows) for file in entry.files] == [
        (f"part-{n:05d}.usearch", 3) for n in range(3)
    ]
    assert (entry.rows, len(several)) == (9, 9)
    assert sorted(several.keys.tolist()) == sorted(np.asarray(one.keys).tolist())
    assert sharded.read("vector_card")["index"]["shards"] == 3
    for vector in np.asarray(small.read("vectors"))[[0, 3, 10]]:
        for exactly in (False, True):
            same = [index.search(vector, 5, exact=exactly).keys.tolist() for index in (one, several)]
            assert same[0] == same[1]


def test_bm25_finds_by_words(small: Any) -> None:
    matrix, about = small.read("bm25"), small.read("bm25_vocabulary")
    assert matrix.format == "csc" and matrix.shape[0] == 11
    score = matrix[:, [about["words"][word] for word in ("runs", "small")]].sum(axis=1)
    assert int(np.argmax(score)) == 1  # review 2


def test_the_order_of_the_source_changes_no_byte(small: Any, data: Data, tmp_path) -> None:
    shop = Shop(tmp_path / "shuffled")
    for article, group in zip(shop.articles, ("Tops", "Tops", "Dresses", None), strict=True):
        article["product_group_name"] = group
    again = build(data, shop.write(), ROWS[::-1])
    assert hashes(again) == hashes(small)


def test_later_reviews_change_no_byte(data: Data, shop: Shop) -> None:
    """A thirteenth and fourteenth of February, one of a text known before; built again as of the first."""
    first = build(data, shop, ROWS)
    late = [
        {"n": 13, "rating": 1, "title": "Love it!", "review_text": SOFT, "created_at": T(2020, 2, 2)},
        {"n": 14, "rating": 5, "article_id": "004", "review_text": "Fine.", "created_at": T(2020, 2, 3)},
    ]
    build(data, shop, [*ROWS, *late], as_of="2020-02-04")
    again = build(data, shop, [*ROWS, *late], reviews={"min_share_of_previous": 0.4})
    assert again.version != first.version
    assert hashes(again) == hashes(first)


def hashes(release: Any) -> dict[str, str]:
    """Of every artefact; the card tells what the source held, which may be more by then."""
    return {name: entry.sha256 for name, entry in release.manifest.artefacts.items()}


def test_a_shop_without_reviews_releases_none(data: Data, shop: Shop) -> None:
    data.run("reviews", env="files", **shop.params)
    release = data.released("reviews")
    assert release.manifest.rows == 0
    assert {release.read(name).count().to_pyarrow().as_py() for name in ("aspects", "article_sentiment")} == {
        0
    }
    assert release.read("vectors").shape == (0, 384)
    assert release.read("card")["counts"]["reviews"] == 0


def test_the_run_ends_with_what_was_found(data: Data, shop: Shop) -> None:
    shop.put("reviews", table([{**row, "simulated": row["n"] < 3} for row in ROWS]))
    given = f"as_of=2020-02-01,shop_folder={shop.folder},shop_timezone=UTC"
    result = data.kedro("run", "--pipeline=reviews", "--env", "files", "--params", given)
    assert result.returncode == 0, result.stderr
    for said in (
        "11 reviews of 5 articles",
        "SIMULATED: 2 of 11 reviews",
        "balanced accuracy",
        "★★★★★",
        "AUC",
    ):
        assert said in result.stdout, result.stdout
    assert "Traceback" not in result.stderr
