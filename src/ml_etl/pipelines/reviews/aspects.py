"""What reviews say about which aspect, with the words that say so: clauses matched against lists of words."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ml_etl.pipelines.reviews.chunks import by_chunks
from ml_etl.pipelines.reviews.clauses import Clauses, clauses_of
from ml_etl.pipelines.reviews.params import AspectWords, ReviewsParams
from ml_etl.pipelines.reviews.vader import label, vader

SIZES = ("small", "true", "large")
_NOT = (
    r"(?:not|no|never|hardly|barely|without|nothing|cannot"
    r"|(?:is|was|are|were|do|did|does|ca|wo|would|could|should|has|have|had)n['’]?t)"
)
_NO_NEGATION = (
    r"(?i)\b(?:not\s+(?:only|just)"
    r"|(?:never|(?:could|should)(?:n['’]?t|\s+not))\s+(?:\w+\s+)?(?:so|such|more|this))\b"
)
"""Negations that turn nothing: not only soft, never been so soft, couldn't be more comfortable."""
_SCHEMA = pa.schema(
    [
        ("aspect", pa.string()),
        ("polarity", pa.string()),
        ("size", pa.string()),
        ("span", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
    ]
)
_ROWS = pa.schema([("row", pa.int64()), *_SCHEMA])
"""The same with the place of the text among those given."""


def find_aspects(texts: pd.DataFrame, params: ReviewsParams) -> pa.Table:
    """One row per review, aspect and clause that speaks of it: polarity, the clause, and where it stands.

    `start` and `end` count characters of sentiment_text; `size` says small, true or large. Aspects whose
    words judge (delicious, stale) take that side, turned by a negation up to three words before; where only
    the aspect is named, the clause's VADER decides.
    """
    given = list(zip(texts["review_id"].tolist(), texts["sentiment_text"].tolist(), strict=True))
    parts = by_chunks(_find, given, params.texts_per_process, params.words)
    columns = pa.schema([("review_id", pa.string()), *_SCHEMA])
    return pa.concat_tables([*parts, columns.empty_table()]).sort_by(
        [("review_id", "ascending"), ("start", "ascending"), ("aspect", "ascending")]
    )


def _find(texts: Sequence[tuple[str, str]], words: dict[str, AspectWords]) -> pa.Table:
    clauses = clauses_of([written for _id, written in texts])
    coded = clauses.text.dictionary_encode()  # equal clauses are judged once
    code = coded.indices.to_numpy()
    judged = [_judged(name, coded.dictionary, own) for name, own in words.items()]
    whole = pa.concat_tables([*(_rows(clauses, code, *found) for found in judged), _ROWS.empty_table()])
    ids = pa.array([review_id for review_id, _written in texts], pa.string())
    return whole.drop_columns("row").add_column(0, "review_id", ids.take(whole["row"].combine_chunks()))


def _judged(name: str, text: pa.Array, words: AspectWords) -> tuple[np.ndarray, pa.Table]:
    """Which of these clauses speak of the aspect, and for each of those aspect, polarity and size."""
    at = np.flatnonzero(_matches(text, words.every_word()))  # the rest is asked of these few alone
    some = text.take(pa.array(at))
    sides = _sides(some, words)
    sizes = _sizes(some, words)
    sides = np.where(sizes == "", sides, np.where(sizes == "true", 1.0, -1.0))
    speaks = _matches(some, words.terms) | ~np.isnan(sides)
    polarity = [
        label(vader(clause)["compound"]) if np.isnan(side) else _side(side)
        for clause, side in zip(some.filter(pa.array(speaks)).to_pylist(), sides[speaks], strict=True)
    ]
    told = {
        "aspect": pa.array([name] * len(polarity), pa.string()),
        "polarity": pa.array(polarity, pa.string()),
        "size": pa.array([size or None for size in sizes[speaks].tolist()], pa.string()),
    }
    return at[speaks], pa.table(told)


def _rows(clauses: Clauses, code: np.ndarray, speaking: np.ndarray, told: pa.Table) -> pa.Table:
    """A row per clause whose text, by its code, is one of those that speak; what is told of it, and where."""
    place = np.full(code.max(initial=-1) + 1, -1)
    place[speaking] = np.arange(len(speaking))
    at = np.flatnonzero(place[code] >= 0)
    found = {
        "row": pa.array(clauses.row[at], pa.int64()),
        **dict(zip(told.column_names, told.take(pa.array(place[code[at]])).columns, strict=True)),
        "span": clauses.text.take(pa.array(at)),
        "start": pa.array(clauses.start[at], pa.int64()),
        "end": pa.array(clauses.end[at], pa.int64()),
    }
    return pa.table(found, _ROWS)


def _sides(text: pa.Array, words: AspectWords) -> np.ndarray:
    """float64 per clause: above 0 praise, below complaint, NaN where no word judges."""
    total = np.zeros(len(text))
    judged = np.zeros(len(text), bool)
    for side, listed in ((1, words.positive), (-1, words.negative)):
        met, turned = _matches(text, listed), _negated(text, listed)
        total += side * met - 2 * side * turned
        judged |= met
    return np.where(judged, total, np.nan)


def _sizes(text: pa.Array, words: AspectWords) -> np.ndarray:
    """str per clause: small, true or large; "" where it says none of them, or several."""
    said = [
        _matches(text, listed) & ~_negated(text, listed) for listed in (words.small, words.true, words.large)
    ]
    once = np.sum(said, axis=0) == 1
    return np.where(once, np.select(said, SIZES, default=""), "")


def _matches(text: pa.Array, listed: Sequence[str]) -> np.ndarray:
    return _search(text, f"\\b(?:{_any(listed)})\\b") if listed else np.zeros(len(text), bool)


def _negated(text: pa.Array, listed: Sequence[str]) -> np.ndarray:
    """Whether one of the words stands up to three words after a negation."""
    if not listed:
        return np.zeros(len(text), bool)
    plain = pc.replace_substring_regex(text, _NO_NEGATION, "")
    return _search(plain, f"\\b{_NOT}(?:\\W+\\w+){{0,3}}?\\W+(?:{_any(listed)})\\b")


def _search(text: pa.Array, pattern: str) -> np.ndarray:
    return pc.match_substring_regex(text, pattern, ignore_case=True).to_numpy(zero_copy_only=False)


def _any(listed: Sequence[str]) -> str:
    """The words as one pattern: `*` is any ending, a space any space."""
    patterns = (re.escape(word).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for word in listed)
    return "|".join(patterns)


def _side(total: float) -> str:
    return "positive" if total > 0 else "negative" if total < 0 else "neutral"
