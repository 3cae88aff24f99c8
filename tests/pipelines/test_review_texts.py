"""What is told of a review's texts before anyone reads them: masks, words and flags; a few rows each."""

import datetime as dt
from typing import Any

import ibis
import pyarrow as pa
import pytest
from pydantic import ValidationError

from ml_etl.as_of import AsOf
from ml_etl.pipelines.reviews.texts import described
from tests.pipelines.test_review_models import params

AS_OF = AsOf(dt.date(2020, 2, 1), "UTC", dt.date(2020, 3, 1))
_TEXTS = ("review_id", "article_id", "title", "review_text", "category_name")
_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in _TEXTS),
        ("created_at", pa.timestamp("us")),
        ("created_on", pa.date32()),
        ("pii_found", pa.bool_()),
    ]
)


def told(*texts: str | tuple[str, str], **changed: Any) -> list[dict[str, Any]]:
    """Reviews of these texts, or titles and texts, as described with the project's parameters."""
    pairs = [text if isinstance(text, tuple) else (None, text) for text in texts]
    rows = [
        {
            **{"review_id": f"r{n}", "article_id": "001", "title": title, "review_text": text},
            **{"created_on": dt.date(2020, 1, 10), "pii_found": False},
        }
        for n, (title, text) in enumerate(pairs, 1)
    ]
    articles = {name: ["001"] for name in ("article_id", "prod_name", "product_type_name")}
    articles["product_group_name"] = ["Tops"]
    table = described(
        ibis.memtable(pa.Table.from_pylist(rows, _SCHEMA)),
        ibis.memtable(articles),
        AS_OF,
        params(**changed),
    )
    return table.order_by("review_id").to_pyarrow().to_pylist()


def test_a_number_that_begins_in_the_title_is_masked() -> None:
    """Row 1 has it in both; row 2 has a number in each, and they are none together."""
    one, two = told(("Call 614", "555-0100 now"), ("Size 12", "34 fits better"))
    assert (one["sentiment_text"], one["text_clean"]) == ("Call [phone] now", "call [phone] now")
    assert (two["sentiment_text"], two["pii_found"], one["pii_found"]) == (
        "Size 12. 34 fits better",
        False,
        True,
    )


def test_spam_without_phrases_is_what_looks_like_it() -> None:
    """Rows 2 and 3 are spam by their phrase and by their link."""
    texts = ("A soft dress", "Click here", "see www.x.example", "sooooooo cute")
    assert [row["is_spam"] for row in told(*texts, flags__spam_phrases=["Click here"])] == [
        False,
        True,
        True,
        False,
    ]
    assert [row["is_spam"] for row in told(*texts, flags__spam_phrases=[])] == [False, False, True, False]


def test_short_texts_are_equal_by_chance() -> None:
    """Row 2 says what 1 says in two words, row 4 what 3 says in five."""
    rows = told("Great product", "Great product", *["The dress is very soft"] * 2)
    assert [row["duplicate_of"] for row in rows] == [None, None, None, "r3"]


@pytest.mark.parametrize("word", ["", " "])
def test_an_empty_phrase_is_refused(word: str) -> None:
    with pytest.raises(ValidationError, match="spam_phrases"):
        params(flags__spam_phrases=["buy now", word])
    with pytest.raises(ValidationError, match="positive"):
        params(aspects__grocery={"taste": {"positive": [word]}})


WORDS = {
    "Very\u00a0nice\u00a0fabric\u2003and\u3000soft": 5,
    "很好看。": 3,
    "この服はとても素敵です": 11,
    "ดีมาก ok": 5,  # ด ม า ก and ok: the vowel above is a mark
    "색이 정말 예뻐요": 3,
    "ткань мягкая": 2,
    "M码 很合适！": 5,
    "": 0,
}


@pytest.mark.parametrize(("text", "count"), WORDS.items())
def test_words_of_every_script(text: str, count: int) -> None:
    (row,) = told(text)
    assert row["word_count"] == count
    assert row["is_too_short"] == (0 < count < 3)


def test_a_link_ends_at_any_space() -> None:
    (row,) = told("see www.x.example\u00a0Very\u00a0nice")
    assert row["text_clean"] == "see very nice"
