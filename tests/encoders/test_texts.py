"""What of a text is encoded."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_etl.encoders.texts import contents_of

WINDOW = 256


@pytest.mark.parametrize(
    ("item", "value"),
    [
        ("  a dress\n", "a dress"),
        ("a\x00b", "a\ufffdb"),
        ("a\ud83db", "a\ufffdb"),  # half of an emoji
        ("\U0001f600 nice", "\U0001f600 nice"),
        ("فستان أحمر", "فستان أحمر"),
        ("a  b", "a  b"),
    ],
)
def test_what_is_encoded(item: str, value: str) -> None:
    contents = contents_of([item], WINDOW)
    assert contents.values == [value]
    assert contents.identity == [value.encode()]
    assert contents.problems == {}


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ("", "empty text"),
        (" \t\r\n\u2003", "empty text"),
        (None, "no text (null)"),
        (float("nan"), "no text (null)"),
        (np.nan, "no text (null)"),
        (pd.NA, "no text (null)"),
        (7, "not a text but int"),
        (b"dress", "not a text but bytes"),
    ],
)
def test_what_is_not(item: object, reason: str) -> None:
    contents = contents_of([item, "dress"], WINDOW)
    assert contents.problems == {0: reason}
    assert contents.identity == [None, b"dress"]


def test_of_ten_megabytes_only_what_a_window_can_hold_is_looked_at() -> None:
    contents = contents_of(["x" * 10_000_000, "y" * 25_600], WINDOW)
    assert [len(value) for value in contents.values] == [25_600, 25_600]
    assert contents.effort == {"cut": 1}


@given(st.text(st.characters(categories=None), max_size=40))
def test_any_text_ends_as_bytes_and_stays_as_it_is_then(text: str) -> None:
    (value,) = contents_of([text], 1).values
    if value is not None:
        assert 0 < len(value) <= 100
        assert value.encode().decode() == value
        assert "\x00" not in value
        assert contents_of([value], 1).values == [value]
