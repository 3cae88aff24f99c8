"""`kedro vectors` as a user calls it."""

import sqlite3

import numpy as np
import pytest

from ml_etl.encoders.cache import VectorCache
from ml_etl.vectors import ModelCard
from tests.conftest import Data

CARD = ModelCard("text", "a-model", None, "0" * 64, "none", "bf16", "mean", "text-1", 384)
KEYS = [bytes([number]) * 32 for number in range(100)]

pytestmark = pytest.mark.slow


def test_what_is_kept_and_what_goes(data: Data) -> None:
    """Of 100 vectors 60 were last used 91 days ago; 90 days is how long they are kept."""
    assert "Nothing is encoded yet" in data.kedro("vectors").stdout
    path = data.folder / "04_feature" / "vectors.db"
    VectorCache(path, CARD).put(KEYS, np.ones((100, 384), np.float32))
    listed = data.kedro("vectors").stdout
    assert "a-model" in listed
    assert "100" in listed
    assert "No vector is unused for 90 days" in data.kedro("vectors", "prune").stdout
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE used SET day = day - 91 WHERE id <= 60")
    assert "60" in data.kedro("vectors", "prune", "--dry-run").stdout
    assert VectorCache(path, CARD).read(KEYS)[1].sum() == 100
    with sqlite3.connect(path) as connection:  # reading is no use by itself; asking what is known is
        assert connection.execute("SELECT count(*) FROM used WHERE day > 700000").fetchone() == (100,)
    pruned = data.kedro("vectors", "prune")
    assert pruned.returncode == 0
    assert "Pruned" in pruned.stdout
    assert VectorCache(path, CARD).read(KEYS)[1].sum() == 40
    assert "40" in data.kedro("vectors", "prune", "--model", "a-model").stdout
    assert VectorCache(path, CARD).read(KEYS)[1].sum() == 0
