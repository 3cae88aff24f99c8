"""What a text says by itself: its language (py3langid) and the sentiment of its words (VADER)."""

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa

from ml_etl.pipelines.reviews.chunks import by_chunks
from ml_etl.pipelines.reviews.params import LanguageParams, ReviewsParams

ENGLISH = "en"
_POSITIVE, _NEGATIVE = 0.05, -0.05
"""VADER's own bounds of its compound score (Hutto and Gilbert 2014)."""
_SCHEMA = pa.schema(
    [
        ("language", pa.string()),
        *((f"vader_{name}", pa.float64()) for name in ("neg", "neu", "pos", "compound")),
        ("vader_label", pa.string()),
    ]
)


class Text(NamedTuple):
    """A text as written, and how many words it has."""

    written: str
    words: int


def read_texts(texts: pd.DataFrame, params: ReviewsParams) -> pa.Table:
    """One row per review: review_id, language, vader_neg … vader_compound, vader_label.

    An empty text has no language; a text in another language than English has no VADER. Equal texts are read
    once.
    """
    numbers, _written = pd.factorize(texts["sentiment_text"])
    distinct = texts.drop_duplicates("sentiment_text")
    given = list(map(Text, distinct["sentiment_text"].tolist(), distinct["word_count"].tolist()))
    parts = by_chunks(_read, given, params.texts_per_process, params.language)
    read = pa.Table.from_pylist([row for part in parts for row in part], _SCHEMA).take(pa.array(numbers))
    return read.add_column(0, "review_id", pa.array(texts["review_id"].tolist(), pa.string()))


def vader(text: str) -> dict[str, float]:
    """VADER's neg, neu, pos and compound."""
    return _analyser().polarity_scores(text)


def _read(texts: Sequence[Text], params: LanguageParams) -> list[dict[str, Any]]:
    return [_one(text, params) for text in texts]


def _one(text: Text, params: LanguageParams) -> dict[str, Any]:
    if not text.written:
        return {}
    language = _language(text, params)
    if language != ENGLISH:
        return {"language": language}
    scores = vader(text.written)
    return {
        "language": language,
        **{f"vader_{name}": score for name, score in scores.items()},
        "vader_label": label(scores["compound"]),
    }


def label(compound: float) -> str:
    """positive, negative or neutral."""
    return "positive" if compound >= _POSITIVE else "negative" if compound <= _NEGATIVE else "neutral"


def _language(text: Text, params: LanguageParams) -> str:
    if text.words < params.min_words:
        return params.default
    return str(_identifier(params.candidates).classify(text.written[: params.characters])[0])


@functools.cache
def _analyser() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    class Nearby(SentimentIntensityAnalyzer):
        """VADER in two thirds of the time: for every word it judges it would put the whole text into lower
        case, where no rule reaches further than three words back and two ahead."""

        def _negation_check(self, valence: float, words: list[str], start_i: int, i: int) -> float:
            first = max(i - 3, 0)
            return super()._negation_check(valence, words[first : i + 1], start_i, i - first)

        def _special_idioms_check(self, valence: float, words: list[str], i: int) -> float:
            first = max(i - 3, 0)
            return super()._special_idioms_check(valence, words[first : i + 3], i - first)

    return Nearby()


@functools.cache
def _identifier(candidates: tuple[str, ...]) -> Any:
    from py3langid import langid

    identifier = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE)
    identifier.set_languages(list(candidates))
    return identifier
