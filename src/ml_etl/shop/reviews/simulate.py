"""Reviews simulated from purchase lines: who reviews, what they rate, when, and in which words.

Ratings follow a hidden quality of the article, the customer's leniency and chance; their shares are 3.6, 6.7,
12.2, 21.6 and 55.9 % of one to five stars.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ml_etl.shop.reviews import compose
from ml_etl.shop.reviews.draws import Draws, of_digests
from ml_etl.shop.reviews.odd import with_odd_texts
from ml_etl.shop.reviews.words import Words

RATING_SHARES = (0.036, 0.067, 0.122, 0.216, 0.559)
_QUALITY, _LENIENCY = 0.55, 0.25
"""How much of a rating is the article's and the customer's; the rest is chance."""
_WORDS_APART = 0.8
"""Standard deviation of what words say from what stars do; with less, words would give every rating away."""
_DAYS_TO_REVIEW = 8.0
_SAME_AGAIN = 0.004
"""Share of reviews that are sent a second time, 90 seconds later."""


def simulate(lines: pa.Table, vocabulary: Mapping[str, Words]) -> pa.Table:
    """One review per purchase line, in the columns of the source table `reviews`, by review_id.

    `lines`: at (UTC), customer_id, article_id, noun, goods (a key of `vocabulary`), and the hex digests
    digest, article_digest and customer_digest that seed the draws.
    """
    draws = of_digests(lines["digest"])
    score = _scores(lines, draws)
    rating = _ratings(score)
    written = _written(lines, draws, _moods(score, draws), score, vocabulary)
    table = pa.table(
        {
            "review_id": pc.binary_join_element_wise(
                "r", pc.utf8_slice_codeunits(lines["digest"], 0, 16), ""
            ),
            "customer_id": lines["customer_id"],
            "article_id": lines["article_id"],
            "rating": pa.array(rating, pa.int64()),
            "title": written["title"],
            "review_text": written["review_text"],
            "recommended": pa.array(_recommended(rating, draws)),
            "helpful_count": pa.array(_helpful(draws), pa.int64()),
            "created_at": pa.array(_created(lines, draws), pa.timestamp("us")),
            "simulated": pa.array(np.ones(len(lines), bool)),
        }
    )
    return _with_repetitions(table, draws).sort_by("review_id")


def _scores(lines: pa.Table, draws: Draws) -> np.ndarray:
    """float64 per row, standard normal: how pleased the customer is."""
    quality = of_digests(lines["article_digest"]).normal("quality")
    leniency = of_digests(lines["customer_digest"]).normal("leniency")
    chance = np.sqrt(1 - _QUALITY**2 - _LENIENCY**2) * draws.normal("chance")
    return _QUALITY * quality + _LENIENCY * leniency + chance


def _ratings(score: np.ndarray) -> np.ndarray:
    from scipy.special import ndtri

    return 1 + np.searchsorted(ndtri(np.cumsum(RATING_SHARES)[:-1]), score)


def _moods(score: np.ndarray, draws: Draws) -> np.ndarray:
    """What the words sound like, 1-5: people's words and stars don't always agree."""
    return _ratings((score + _WORDS_APART * draws.normal("mood")) / np.sqrt(1 + _WORDS_APART**2))


def _written(
    lines: pa.Table,
    draws: Draws,
    mood: np.ndarray,
    score: np.ndarray,
    vocabulary: Mapping[str, Words],
) -> pa.Table:
    """title and review_text, row by row as the lines; each kind of goods has its own words."""
    parts, places = [], []
    for goods, words in vocabulary.items():
        at = np.flatnonzero(pc.equal(lines["goods"], goods).to_numpy())
        mine = lines.take(pa.array(at))
        articles = of_digests(mine["article_digest"])
        own = compose.Rows(
            draws.where(at),
            mood[at],
            mine["noun"].combine_chunks(),
            _pleases(articles, draws.where(at), score[at], words),
        )
        parts.append(with_odd_texts(own, words))
        places.append(at)
    whole = pa.concat_tables(parts)
    return whole.take(pa.array(np.argsort(np.concatenate(places), kind="stable")))


def _pleases(articles: Draws, draws: Draws, score: np.ndarray, words: Words) -> np.ndarray:
    """bool, rows × aspects: an aspect pleases by the article's own quality in it and the whole rating."""
    return np.stack(
        [
            score + 0.7 * articles.normal(f"aspect {name}") + 0.5 * draws.normal(f"pleases {name}") > -0.8
            for name in words.aspects
        ],
        axis=1,
    )


def _recommended(rating: np.ndarray, draws: Draws) -> np.ndarray:
    chance = np.array([0.02, 0.07, 0.42, 0.96, 0.995])
    return draws.uniform("recommended") < chance[rating - 1]


def _helpful(draws: Draws) -> np.ndarray:
    """Half have none, few have many."""
    return np.floor((1 - draws.uniform("helpful")) ** -0.7 - 0.6).astype(np.int64)


def _created(lines: pa.Table, draws: Draws) -> np.ndarray:
    """Some hours to some weeks after the purchase."""
    seconds = 6 * 3600 - np.log1p(-draws.uniform("delay")) * _DAYS_TO_REVIEW * 86400
    return lines["at"].to_numpy().astype("datetime64[s]") + seconds.astype("timedelta64[s]")


def _with_repetitions(table: pa.Table, draws: Draws) -> pa.Table:
    again = table.filter(pa.array(draws.uniform("again") < _SAME_AGAIN))
    ids = pc.binary_join_element_wise(again["review_id"], "b", "")
    later = pc.add(again["created_at"], pa.scalar(np.timedelta64(90, "s")).cast(pa.duration("us")))
    again = again.set_column(0, "review_id", ids)
    return pa.concat_tables(
        [table, again.set_column(again.schema.get_field_index("created_at"), "created_at", later)]
    )
