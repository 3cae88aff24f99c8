"""Search as a person uses it: a shop of clothes and its reviews, by the real model."""

import json
import re
from pathlib import Path

import pyarrow as pa
import pytest

from ml_etl import config
from ml_etl.errors import UsageError
from ml_etl.search.articles import like_article, search_articles
from ml_etl.search.fusion import reciprocal_rank_fusion
from ml_etl.search.reviews import search_reviews
from ml_etl.search.words import matched_words
from tests.conftest import Data
from tests.shops import Shop, table

CLOTHES = {
    "001": ("Merino knit dress", "Dress", "A cosy red dress for cold days"),
    "002": ("Linen shorts", "Shorts", "Light shorts for hot summer days"),
    "003": ("Rain jacket", "Jacket", "Keeps the water out, with a hood"),
    "004": ("Silk tie", "Tie", "For the office"),
    "005": ("Merino knit dress", "Dress", "A cosy red dress for cold days"),  # as 001
    "006": ("Gift card", "Voucher", "For any occasion"),
}
REVIEWS = {
    "r1": ("001", 2, "Too small around the waist, I had to send it back."),
    "r2": ("001", 2, "I could not button it up in the middle, one size larger would have been right."),
    "r3": ("002", 5, "Lovely colour and so light in the heat."),
    "r4": ("003", 1, "The zip broke within a week."),
    "r5": ("002", 5, "Lovely colour and so light in the heat."),  # as r3
}


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory, monkeypatch_module: pytest.MonkeyPatch) -> Data:
    """Embeddings and reviews of six articles and five reviews."""
    folder: Path = tmp_path_factory.mktemp("search")
    monkeypatch_module.setenv("ML_ETL_DATA", str(folder / "data"))
    shop = Shop(folder / "shop")
    shop.articles = [
        {
            "article_id": i,
            "prod_name": n,
            "product_type_name": t,
            "detail_desc": d,
            "is_merchandise": i != "006",
        }
        for i, (n, t, d) in CLOTHES.items()
    ]
    shop.write().put(
        "reviews",
        table(
            [
                {"review_id": i, "article_id": a, "rating": r, "review_text": text, "customer_id": "c1"}
                for i, (a, r, text) in REVIEWS.items()
            ],
            rating=pa.int64(),
        ),
    )
    data = Data(folder / "data")
    data.run("embeddings", "reviews", env="files", **shop.params)
    config.settings.cache_clear()
    return data


def test_ranks_are_fused_as_the_formula_says() -> None:
    fused = dict(reciprocal_rank_fusion([["a", "b"], ["b", "c"]], k=60))
    assert fused == {"a": 1 / 61, "b": 1 / 62 + 1 / 61, "c": 1 / 62}
    assert next(iter(fused.items())) == ("b", 1 / 62 + 1 / 61)  # the best comes first


@pytest.mark.parametrize(
    ("query", "text", "words"),
    [
        ("warm red dresses", "A cosy Red dress for cold days", ("Red", "dress")),
        ("for the days", "A dress for days", ("days",)),  # common words say nothing
        ("berries", "berry jam", ("berry",)),
        ("snow", "A cosy red dress", ()),
    ],
)
def test_words_that_matched(query: str, text: str, words: tuple[str, ...]) -> None:
    assert matched_words(query, text) == words


@pytest.mark.slow
def test_articles_are_found_by_meaning(released: Data) -> None:
    """No article says "winter", "warm" or "beach"."""
    found = search_articles("warm gown for winter", top=3, env="files")
    assert found.hits[0].id == "001"
    assert "005" not in {hit.id for hit in found.hits}  # the same text once
    assert search_articles("beach in july", top=1, env="files").hits[0].id == "002"
    assert "006" not in {hit.id for hit in search_articles("voucher", top=10, env="files").hits}
    assert set(search_articles("red dress", env="files").hits[0].matched) == {"red", "dress"}


@pytest.mark.slow
def test_articles_like_another(released: Data) -> None:
    assert {hit.id for hit in like_article("005", env="files").hits} == {"002", "003", "004"}
    with pytest.raises(UsageError, match="lists nothing similar"):
        like_article("006", env="files")


@pytest.mark.slow
def test_reviews_are_found_by_words_and_by_meaning(released: Data) -> None:
    """r1 says the words, r2 only means them; r3 and r5 are one text."""
    found = search_reviews("too small around the waist", env="files")
    assert found.hits[0].id == "r1"
    assert max(found.hits, key=lambda hit: (hit.id != "r1", float(hit.more["cosine"] or 0))).id == "r2"
    assert set(found.hits[0].matched) == {"small", "around", "waist"}
    broken = search_reviews("broken zipper", top=1, env="files").hits[0]
    assert (broken.id, broken.matched) == ("r4", ())
    assert [hit.id for hit in search_reviews("lovely colour", env="files").hits].count("r5") == 0


def rated(data: Data, shop: Shop, *texts: str | None) -> None:
    """Release reviews of these texts; None is a rating alone."""
    rows = [
        {"review_id": f"r{n:03}", "article_id": "001", "rating": 5, "review_text": text, "customer_id": "c1"}
        for n, text in enumerate(texts)
    ]
    if rows:
        shop.put("reviews", table(rows, rating=pa.int64()))
    data.run("reviews", env="files", **shop.params)
    config.settings.cache_clear()


@pytest.mark.slow
def test_as_many_reviews_as_are_asked_for(data: Data, shop: Shop) -> None:
    """150 say it, each in words of its own; a hundred would be the depth that finds the best ten."""
    rated(data, shop, *(f"A soft dress, number {n}" for n in range(150)))
    assert [len(search_reviews("soft dress", top=top, env="files").hits) for top in (1, 120, 500)] == [
        1,
        120,
        150,
    ]


@pytest.mark.slow
@pytest.mark.parametrize("texts", [(None, None), ()], ids=["only ratings", "no reviews"])
def test_where_nothing_is_written_nothing_is_found(
    data: Data, shop: Shop, texts: tuple[str | None, ...]
) -> None:
    rated(data, shop, *texts)
    shown = data.kedro("search", "--in", "reviews", "soft dress", "--env", "files")
    assert shown.returncode == 0, shown.stderr
    assert "nothing found" in shown.stdout and "Traceback" not in shown.stderr


@pytest.mark.slow
def test_the_command_shows_a_table_and_json(released: Data) -> None:
    shown = released.kedro("search", "warm red dress for autumn", "--env", "files", "--top", "2")
    assert shown.returncode == 0, shown.stderr
    assert "Merino knit dress" in shown.stdout and "articles by text" in shown.stdout
    listed = released.kedro("search", "--in", "reviews", "zip", "--env", "files", "--json")
    assert json.loads(listed.stdout)[0]["id"] == "r4"
    for wrong in (
        ("search",),
        ("search", "x", "--like", "001"),
        ("search", "x", "--env", "hm"),
        ("search", "x", "--env", "files", "--top", "-1"),
        ("search", "x", "--env", "files", "--in", "reviews", "--top", "0"),
    ):
        refused = released.kedro(*wrong)
        assert refused.returncode == 2 and "Traceback" not in refused.stderr, refused.stderr


@pytest.mark.slow
def test_postgres_finds_what_the_release_finds(released: Data, postgres_url: str) -> None:
    given = {"ML_ETL_VECTORS_URL": postgres_url}
    wrote = released.kedro("vectors", "publish", "--env", "files", **given)
    assert wrote.returncode == 0, wrote.stderr
    assert re.search(r"article_vectors: 4 rows", wrote.stdout) and "review_vectors: 4 rows" in wrote.stdout
    for dataset, query in (("articles", "warm gown for winter"), ("reviews", "zip broke")):
        asked = ("search", query, "--in", dataset, "--env", "files", "--json", "--top", "1")
        here, there = released.kedro(*asked), released.kedro(*asked, "--postgres", **given)
        assert json.loads(here.stdout)[0]["id"] == json.loads(there.stdout)[0]["id"]
    unset = released.kedro("search", "x", "--postgres", "--env", "files")
    assert unset.returncode == 2 and "ML_ETL_VECTORS_URL is not set" in unset.stderr
