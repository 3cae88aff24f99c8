"""What a text says by itself: its language (py3langid) and the sentiment of its words (VADER)."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
import pyarrow as pa

from ml_etl.pipelines.reviews.chunks import by_chunks
from ml_etl.pipelines.reviews.language import languages_of, mostly_latin
from ml_etl.pipelines.reviews.params import LanguageParams, ReviewsParams
from ml_etl.pipelines.reviews.vader import label, vader

ENGLISH = "en"
_SCORES = ("neg", "neu", "pos", "compound")
_SCHEMA = pa.schema(
    [
        ("language", pa.string()),
        *((f"vader_{name}", pa.float64()) for name in _SCORES),
        ("vader_label", pa.string()),
    ]
)


class Text(NamedTuple):
    """A text as written, and how many words it has."""

    written: str
    words: int


def read_texts(texts: pd.DataFrame, params: ReviewsParams) -> pa.Table:
    """One row per review: review_id, language, vader_neg … vader_compound, vader_label.

    An empty text has no language, nor has one in letters of none of the candidates; a text in another
    language than English has no VADER. Equal texts are read once.
    """
    numbers, _written = pd.factorize(texts["sentiment_text"])
    distinct = texts.drop_duplicates("sentiment_text")
    given = list(map(Text, distinct["sentiment_text"].tolist(), distinct["word_count"].tolist()))
    parts = by_chunks(_read, given, params.texts_per_process, params.language)
    read = pa.concat_tables([*parts, _SCHEMA.empty_table()]).take(pa.array(numbers))
    return read.add_column(0, "review_id", pa.array(texts["review_id"].tolist(), pa.string()))


def _read(texts: Sequence[Text], params: LanguageParams) -> pa.Table:
    languages = _languages(texts, params)
    scores = [
        vader(text.written) if language == ENGLISH else {}
        for text, language in zip(texts, languages, strict=True)
    ]
    labels = [label(score["compound"]) if score else None for score in scores]
    values = {f"vader_{name}": [score.get(name) for score in scores] for name in _SCORES}
    return pa.table({"language": languages, **values, "vader_label": labels}, _SCHEMA)


def _languages(texts: Sequence[Text], params: LanguageParams) -> list[str | None]:
    """None for an empty text, and for one in letters of none of the candidates.

    What is too short to be told is taken for `default`.
    """
    asked = [text.written[: params.characters] for text in texts]
    readable = [mostly_latin(start) if params.only_latin else start != "" for start in asked]
    long_enough = [may and text.words >= params.min_words for may, text in zip(readable, texts, strict=True)]
    told = iter(languages_of(list(itertools.compress(asked, long_enough)), params.candidates))
    return [
        next(told) if enough else (params.default if may else None)
        for may, enough in zip(readable, long_enough, strict=True)
    ]
