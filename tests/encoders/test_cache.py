"""The cache of vectors: the first one stays, equal bytes come out, damage and age are dealt with."""

import datetime as dt
import hashlib
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ml_etl.encoders import cache_care
from ml_etl.encoders.cache import VectorCache, connect, space_of
from ml_etl.errors import Damaged, StoreError
from ml_etl.vectors import ModelCard

CARD = ModelCard("text", "a-model", None, "0" * 64, "none", "fp32", "mean", "text-1", 4)
KEYS = [hashlib.sha256(bytes([number])).digest() for number in range(5)]
ROWS = np.arange(20, dtype=np.float32).reshape(5, 4)
TODAY = dt.datetime.now(dt.UTC).date()


@pytest.fixture
def cache(tmp_path: Path) -> VectorCache:
    return VectorCache(tmp_path / "vectors.db", CARD)


def test_rows_come_back_in_the_order_asked(cache: VectorCache) -> None:
    cache.put(KEYS[:3], ROWS[:3])
    rows, found = cache.read([KEYS[2], KEYS[4], KEYS[0]])
    assert found.tolist() == [True, False, True]
    assert rows.tolist() == [[8, 9, 10, 11], [0, 0, 0, 0], [0, 1, 2, 3]]
    assert cache.known(KEYS) == set(KEYS[:3])


def test_a_key_that_is_asked_twice_has_a_row_each_time(cache: VectorCache) -> None:
    cache.put(KEYS, ROWS)
    places = [3, 1, 3, 0, 4, 2, 1]
    rows, found = cache.read([KEYS[place] for place in places])
    assert found.all()
    assert rows.tolist() == ROWS[places].tolist()
    assert cache.read([])[0].shape == (0, 4)


def test_the_first_vector_of_a_key_stays(cache: VectorCache, tmp_path: Path) -> None:
    cache.put(KEYS[:2], ROWS[:2])
    VectorCache(tmp_path / "vectors.db", CARD).put(KEYS[1:3], ROWS[1:3] + 100)
    rows, _ = cache.read(KEYS[:3])
    assert rows.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7], [108, 109, 110, 111]]


@pytest.mark.parametrize(
    "change",
    [
        {"model": "another"},
        {"revision": "1" * 40},
        {"weights_sha256": "2" * 64},
        {"precision": "bf16"},
        {"preprocessing": "text-2"},
        {"pooling": "cls"},
    ],
)
def test_another_model_is_another_space(cache: VectorCache, change: dict[str, str]) -> None:
    other = VectorCache(None, replace(CARD, **change))
    assert other.space == space_of(replace(CARD, **change)) != cache.space
    assert other.key(b"dress") != cache.key(b"dress") != cache.key(b"shirt")


def test_in_memory_where_there_is_no_file() -> None:
    cache = VectorCache(None, CARD)
    cache.put(KEYS, ROWS)
    assert cache.read(KEYS)[0].tolist() == ROWS.tolist()


def test_what_is_no_database_is_damaged_and_what_to_do_is_said(tmp_path: Path) -> None:
    path = tmp_path / "vectors.db"
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(Damaged, match="delete the file"):
        VectorCache(path, CARD).known(KEYS)


def test_a_vector_of_another_length_is_damage(cache: VectorCache, tmp_path: Path) -> None:
    cache.put(KEYS[:1], ROWS[:1])
    with sqlite3.connect(tmp_path / "vectors.db") as other:
        other.execute("UPDATE vectors SET vector = x'00000000'")
    with pytest.raises(Damaged, match="1 numbers, expected 4"):
        cache.read(KEYS[:1])


def test_a_file_cut_off_while_it_is_open_is_damage(tmp_path: Path) -> None:
    """As where somebody copies another file over it."""
    path, many = (
        tmp_path / "vectors.db",
        [hashlib.sha256(bytes([n, m])).digest() for n in range(40) for m in range(250)],
    )
    cache = VectorCache(path, replace(CARD, dim=64))
    cache.put(many, np.ones((len(many), 64), np.float32))
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    os.truncate(path, path.stat().st_size // 3)
    with pytest.raises(Damaged, match="delete the file"):
        VectorCache(path, replace(CARD, dim=64)).read(many)


def test_eight_open_a_new_file_at_once(tmp_path: Path) -> None:
    """Fifty new files: SQLite alone refuses a few of the openings."""
    with ThreadPoolExecutor(8) as pool:
        for number in range(50):
            for connection in list(pool.map(connect, [tmp_path / f"{number}.db"] * 8)):
                connection.close()


def test_where_nothing_can_be_written_the_error_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way of a folder")
    with pytest.raises(StoreError, match="can't be kept in"):
        VectorCache(tmp_path / "file" / "vectors.db", CARD).put(KEYS, ROWS)


def test_pruning_takes_what_nothing_asked_for(cache: VectorCache, tmp_path: Path) -> None:
    """All five were last wanted long ago; then the first two are asked for again."""
    path = tmp_path / "vectors.db"
    cache.put(KEYS, ROWS)
    _made_old(path)
    cache.known(KEYS[:2])
    old = cache_care.prunable(path, TODAY)
    assert [(space.model, space.vectors, space.bytes) for space in old] == [("a-model", 3, 3 * (16 + 32))]
    cache_care.prune(path, TODAY)
    assert cache.known(KEYS) == set(KEYS[:2])
    assert cache_care.prunable(path, TODAY) == []


def test_pruning_one_model_leaves_the_others(cache: VectorCache, tmp_path: Path) -> None:
    path = tmp_path / "vectors.db"
    other = VectorCache(path, replace(CARD, model="another"))
    cache.put(KEYS[:3], ROWS[:3])
    other.put(KEYS[3:], ROWS[3:])
    assert [space.model for space in cache_care.spaces(path)] == ["a-model", "another"]
    cache_care.prune(path, dt.date(1, 1, 1), model="a-model")
    assert [space.model for space in cache_care.spaces(path)] == ["another"]
    assert other.known(KEYS) == set(KEYS[3:])


def test_pruning_gives_the_disk_its_space_back(tmp_path: Path) -> None:
    path, card = tmp_path / "vectors.db", replace(CARD, dim=384)
    keys = [hashlib.sha256(str(number).encode()).digest() for number in range(2000)]
    VectorCache(path, card).put(keys, np.ones((2000, 384), np.float32))
    _made_old(path)
    freed = cache_care.prune(path, TODAY)
    assert freed > 2000 * 384 * 4
    assert path.stat().st_size < 200_000


def _made_old(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE used SET day = day - 1000")
