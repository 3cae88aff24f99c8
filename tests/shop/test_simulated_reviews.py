"""Simulated reviews: what they promise of themselves, on made-up purchases."""

import datetime as dt
import hashlib

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from ml_etl.shop.reviews import fashion, food, household, words
from ml_etl.shop.reviews.draws import of_digests
from ml_etl.shop.reviews.goods import named
from ml_etl.shop.reviews.simulate import RATING_SHARES, simulate

VOCABULARY = {"food": food.FOOD, "household": household.HOUSEHOLD}
_TEXTS = ("customer_id", "article_id", "noun", "goods", "digest", "article_digest", "customer_digest")


def lines(count: int, articles: int = 400, goods: str | None = None) -> pa.Table:
    """Purchase lines of made-up customers and articles; the n-th is the same however many there are."""
    numbers = range(count)
    rows = {
        "customer_id": [f"c{n % 97}" for n in numbers],
        "article_id": [f"a{n * 7919 % articles}" for n in numbers],
        "noun": ["soup" if n % 3 else "shampoo" for n in numbers],
        "goods": [goods or ("food" if n % 3 else "household") for n in numbers],
        "digest": [_digest(f"line {n}") for n in numbers],
    }
    rows["article_digest"] = [_digest(name) for name in rows["article_id"]]
    rows["customer_digest"] = [_digest(name) for name in rows["customer_id"]]
    bought = [dt.datetime(2017, 3, 1) + dt.timedelta(hours=n % 5000) for n in numbers]
    texts = {name: pa.array(rows[name], pa.string()) for name in _TEXTS}
    return pa.table({**texts, "at": pa.array(bought, pa.timestamp("us"))})


def _digest(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


@pytest.fixture(scope="module")
def purchases() -> pa.Table:
    return lines(12_000)


@pytest.fixture(scope="module")
def made(purchases: pa.Table) -> pd.DataFrame:
    return simulate(purchases, VOCABULARY).to_pandas()


def test_equal_purchases_give_equal_reviews(purchases: pa.Table, made: pd.DataFrame) -> None:
    assert simulate(purchases, VOCABULARY).to_pandas().equals(made)


def test_later_purchases_and_their_order_change_no_earlier_review(made: pd.DataFrame) -> None:
    order = np.random.default_rng(1).permutation(3000)
    few = simulate(lines(3000).take(pa.array(order)), VOCABULARY).to_pandas()
    same = made[made.review_id.isin(few.review_id)].reset_index(drop=True)
    assert len(few) >= 3000
    pd.testing.assert_frame_equal(few, same)


def test_every_row_says_it_is_simulated(made: pd.DataFrame) -> None:
    assert made.simulated.all()


def test_ratings_are_spread_as_published(made: pd.DataFrame) -> None:
    shares = made.rating.value_counts(normalize=True).sort_index()
    np.testing.assert_allclose(shares, RATING_SHARES, atol=0.02)
    assert RATING_SHARES == (0.036, 0.067, 0.122, 0.216, 0.559)


def test_texts_have_the_published_median_length_and_a_long_tail(made: pd.DataFrame) -> None:
    count = made.review_text.dropna().str.split().str.len()
    assert 55 <= count.median() <= 63
    assert count.max() > 150


def test_texts_are_almost_all_distinct_and_some_are_not(made: pd.DataFrame) -> None:
    long = made.review_text.dropna()
    long = long[long.str.split().str.len() > 20]
    assert 0.97 < long.nunique() / len(long) < 1


def test_what_is_missing_short_or_odd_is_there(made: pd.DataFrame) -> None:
    text = made.review_text.fillna("")
    assert 0.12 < made.title.isna().mean() < 0.20
    assert 0.02 < made.review_text.isna().mean() < 0.05
    assert (text.str.split().str.len().between(1, 3)).mean() > 0.02
    assert text.str.contains("@example.com").sum() > 10
    assert text.str.contains(r"\(614\) 555-01\d\d").sum() > 10
    assert text.str.contains("https?://|www\\.").sum() > 10
    assert text.str.contains("sabor").any() and text.str.contains("je le conseille|Je le recommande").any()


def test_a_review_comes_after_its_purchase(purchases: pa.Table, made: pd.DataFrame) -> None:
    bought = pd.Series(
        purchases["at"].to_pandas().array, ["r" + d[:16] for d in purchases["digest"].to_pylist()]
    )
    waited = made.created_at - bought.reindex(made.review_id.str[:17]).to_numpy()
    assert waited.min() >= pd.Timedelta(hours=6)
    assert pd.Timedelta(days=3) < waited.median() < pd.Timedelta(days=10)


def test_words_follow_the_rating(made: pd.DataFrame) -> None:
    said = made.dropna(subset=["review_text"])
    happy, angry = said.rating == 5, said.rating == 1
    for word, of in (("love", happy), ("worst|awful|terrible|hate", angry)):
        there = said.review_text.str.contains(word)
        assert there[of].mean() > 3 * there[happy if of is angry else angry].mean(), word
    assert said.recommended[happy].mean() > 0.95 > 0.1 > said.recommended[angry].mean()


def test_articles_have_a_quality_of_their_own(made: pd.DataFrame) -> None:
    """Means of articles differ by more than chance lets equal ones: 30 reviews each, ratings mixed up."""
    apart = made.groupby("article_id").rating.mean().var()
    mixed = made.assign(rating=np.random.default_rng(2).permutation(made.rating))
    assert apart > 4 * mixed.groupby("article_id").rating.mean().var()


def test_reviews_are_of_what_was_bought(made: pd.DataFrame) -> None:
    edible = made.review_text.str.contains("fresh|taste", case=False).fillna(False)
    soup = made.review_text.str.contains("soup", case=False).fillna(False)
    shampoo = made.review_text.str.contains("shampoo", case=False).fillna(False)
    assert not (soup & shampoo).any()
    assert edible[soup].mean() > 3 * edible[shampoo].mean()


def test_nothing_bought_nothing_written() -> None:
    assert simulate(lines(0), VOCABULARY).num_rows == 0


def test_clothes_have_words_of_their_own() -> None:
    made = simulate(lines(2000, goods="clothes"), {"clothes": fashion.FASHION}).to_pandas()
    text = made.review_text.fillna("")
    for word in ("fits", "runs small", "fabric", "true to size", "color"):
        assert text.str.contains(word).any(), word


@pytest.mark.parametrize(
    "bank", [food.FOOD, household.HOUSEHOLD, fashion.FASHION], ids=["food", "house", "clothes"]
)
def test_banks_are_whole(bank: words.Words) -> None:
    """Every rating and side has sentences, none twice, and no hole but the noun's."""
    sided = [*bank.aspects.values(), bank.people, bank.comparisons, bank.recommendations]
    banks = [*bank.verdicts.values(), *bank.titles.values(), *bank.short.values()]
    banks += [side for both in sided for side in (both.good, both.bad)]
    banks += [bank.openings, bank.usage, bank.closings]
    assert set(bank.verdicts) == set(bank.titles) == set(bank.short) == {1, 2, 3, 4, 5}
    for sentences in banks:
        assert len(set(sentences)) == len(sentences) >= 2
        assert not any("{" in sentence.replace("{noun}", "", 1) for sentence in sentences)


def test_nouns_of_categories() -> None:
    assert named("FLUID MILK PRODUCTS", "GROCERY") == ("milk", "food")
    assert named("BATH TISSUES", "GROCERY") == ("toilet paper", "household")
    assert named("SOMETHING NEW", "MEAT-PCKGD") == ("product", "food")
    assert named(None, None) == ("product", "household")


def test_draws_are_uniform_and_independent() -> None:
    draws = of_digests(lines(20_000)["digest"])
    first, second = draws.uniform("a"), draws.uniform("b")
    assert abs(np.histogram(first, 10, (0, 1))[0] - 2000).max() < 200
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.03
    assert abs(draws.normal("a").mean()) < 0.03 and abs(draws.normal("a").std() - 1) < 0.03
