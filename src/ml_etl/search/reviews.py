"""Reviews by words and by meaning: BM25 and vectors, each ranking for itself, then fused."""

import re
import time
from typing import Any

import numpy as np

from ml_etl.encoders import encoder_of
from ml_etl.errors import UsageError
from ml_etl.search.fusion import reciprocal_rank_fusion
from ml_etl.search.hits import Found, Hit
from ml_etl.search.words import matched_words
from ml_etl.store.reader import ReleasedDataset, released

_DEPTH = 100
"""How deep each ranking is read at least: what both place beyond it can't come to the top of a few."""

_SPARE = 3
"""So many times more are looked at than shown: equal texts are shown once."""

_SNIPPET = 240


def search_reviews(query: str, top: int = 10, env: str | None = None) -> Found:
    """The reviews that say the words, or mean them: reciprocal ranks of BM25 and of cosine, added.

    Equal texts are shown once. Seconds count after the model is loaded.

    Raises:
        UsageError: no reviews are released, or the query can't be encoded.
    """
    release = released("reviews", env=env)
    vector = _query_vector(query, release)
    began = time.perf_counter()
    depth = max(_DEPTH, top * _SPARE)
    words, meaning = _by_words(query, release, depth), _by_meaning(vector, release, depth)
    best = reciprocal_rank_fusion([[*words], [*meaning]])[: top * _SPARE]
    hits = _each_text_once(_described(query, best, words, meaning, release))[:top]
    seconds = time.perf_counter() - began
    return Found(hits, f"reviews by words and meaning, {release.version}", _notes(release), seconds)


def _query_vector(query: str, release: ReleasedDataset) -> np.ndarray:
    found = encoder_of(release.read("vector_card")["model"]).encode([query])  # type: ignore[union-attr]
    if found.problems:
        raise UsageError(f"The query can't be encoded: {found.problems[0]}. Say what is looked for in words.")
    return found.vectors[0]


def _by_words(query: str, release: ReleasedDataset, depth: int) -> dict[int, float]:
    """Rows of the main table with their BM25 score, best first."""
    vocabulary, scores = release.read("bm25_vocabulary"), release.read("bm25")
    asked = set(re.findall(vocabulary["token_pattern"], query.lower()))
    columns = sorted(vocabulary["words"][word] for word in asked if word in vocabulary["words"])
    total = np.asarray(scores[:, columns].sum(axis=1)).ravel()
    order = np.lexsort((np.arange(len(total)), -total))[:depth]
    return {int(row): float(total[row]) for row in order if total[row] > 0}


def _by_meaning(query: np.ndarray, release: ReleasedDataset, depth: int) -> dict[int, float]:
    """Rows of the main table with their cosine, best first; each distinct text once."""
    vectors, index = release.read("vectors"), release.read("index")
    if not len(index):  # there are only ratings, or none
        return {}
    exactly = release.read("vector_card")["index"]["search_exactly"]
    matches = index.search(query, min(depth, len(index)), exact=exactly)
    rows = matches.keys.astype(np.int64)
    cosines = np.round(vectors[rows] @ query, 6)
    order = np.lexsort((rows, -cosines))
    return {int(rows[n]): float(cosines[n]) for n in order}


def _described(
    query: str,
    best: list[tuple[int, float]],
    words: dict[int, float],
    meaning: dict[int, float],
    release: ReleasedDataset,
) -> list[Hit]:
    told = _rows([row for row, _ in best], release)
    return [_hit(query, row, score, told[row], words, meaning) for row, score in best]


def _each_text_once(hits: list[Hit]) -> list[Hit]:
    """The best of the hits that say the same."""
    first = {hit.text: hit for hit in reversed(hits)}
    return [hit for hit in hits if first[hit.text] is hit]


def _hit(
    query: str,
    row: int,
    score: float,
    review: dict[str, Any],
    words: dict[int, float],
    meaning: dict[int, float],
) -> Hit:
    text = review["sentiment_text"]
    matched = matched_words(query, text)
    more = {
        "article": review["article_name"] or review["article_id"],
        "rating": review["rating"],
        "BM25": f"{words[row]:.1f}" if row in words else None,
        "cosine": f"{meaning[row]:.2f}" if row in meaning else None,
    }
    return Hit(review["review_id"], score, _snippet(text, matched), matched, more)


def _rows(rows: list[int], release: ReleasedDataset) -> dict[int, dict[str, Any]]:
    """The reviews of these rows: row i is the i-th by id."""
    table = release.read()
    ids = table.select("review_id").order_by("review_id").to_pyarrow()["review_id"]
    wanted = {ids[row].as_py(): row for row in rows}
    columns = ("review_id", "article_id", "article_name", "rating", "sentiment_text")
    found = table.filter(table.review_id.isin([*wanted])).select(*columns).to_pyarrow().to_pylist()
    return {wanted[review["review_id"]]: review for review in found}


def _snippet(text: str, matched: tuple[str, ...]) -> str:
    """The part of a long text around the first word that matched."""
    if len(text) <= _SNIPPET:
        return text
    at = min((text.find(word) for word in matched), default=0)
    start = max(0, min(at - _SNIPPET // 3, len(text) - _SNIPPET))
    return ("… " if start else "") + text[start : start + _SNIPPET].strip() + " …"


def _notes(release: ReleasedDataset) -> tuple[str, ...]:
    table = release.read()
    simulated = table.aggregate(share=table.simulated.cast("float64").mean()).to_pyarrow()["share"][0].as_py()
    return ("These reviews are SIMULATED.",) if simulated else ()
