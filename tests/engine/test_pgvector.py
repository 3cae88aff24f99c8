"""Vectors in a real Postgres: found as brute force finds them, replaced whole, errors without secrets."""

import threading

import numpy as np
import psycopg
import pytest

from ml_etl.engine.pgvector import VectorTable
from ml_etl.errors import SourceUnreachable, UsageError

pytestmark = pytest.mark.slow  # starts a server


def clustered(rows: int, dim: int = 64, seed: int = 1) -> np.ndarray:
    """Unit vectors about as near to one another as those of texts."""
    chance = np.random.default_rng(seed)
    centres = chance.normal(size=(rows // 20, dim))
    vectors = centres[chance.integers(0, len(centres), rows)] + chance.normal(size=(rows, dim)) * 0.5
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def publish(table: VectorTable, vectors: np.ndarray, version: str = "v1") -> None:
    ids = [f"{n:05d}" for n in range(len(vectors))]
    table.publish(ids, [f"text {n}" for n in ids], [[n] for n in ids], vectors, version)


def test_the_index_finds_what_brute_force_finds(postgres_url: str) -> None:
    vectors, table = clustered(4000), VectorTable(postgres_url, "found")
    publish(table, vectors)
    hits = 0
    for row in range(0, 4000, 80):
        cosines = np.round(vectors @ vectors[row], 6)
        wanted = {f"{n:05d}" for n in np.lexsort((np.arange(4000), -cosines))[:10]}
        found = table.nearest(vectors[row], 10)
        assert found[0] == (f"{row:05d}", 1.0, f"text {row:05d}")
        hits += len(wanted & {i for i, _, _ in found})
    assert hits / 500 >= 0.98
    with psycopg.connect(postgres_url) as connection:
        vector = "[" + ",".join(map(str, vectors[0].tolist())) + "]"
        plan = connection.execute(
            "EXPLAIN SELECT id FROM found ORDER BY vector <=> %s::vector LIMIT 10", (vector,)
        ).fetchall()
    assert any("hnsw" in line or "Index Scan" in line for (line,) in plan), plan


def test_readers_see_the_former_rows_until_the_new_ones_are_whole(postgres_url: str) -> None:
    """While versions of 200 and of 300 rows take turns, a reader never sees any other number."""
    table, seen, stop = VectorTable(postgres_url, "whole"), set(), threading.Event()
    publish(table, clustered(200), "v1")

    def read() -> None:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            while not stop.is_set():
                seen.add(
                    connection.execute("SELECT count(*), min(version), max(version) FROM whole").fetchone()
                )

    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(6):
        publish(table, clustered(300 if turn % 2 == 0 else 200), "v2" if turn % 2 == 0 else "v1")
    stop.set()
    reader.join()
    assert seen <= {(200, "v1", "v1"), (300, "v2", "v2")} and len(seen) == 2


def test_a_failure_in_the_middle_leaves_the_former_rows(postgres_url: str) -> None:
    table, vectors = VectorTable(postgres_url, "kept"), clustered(100)
    publish(table, vectors)
    with pytest.raises(psycopg.errors.UniqueViolation):
        table.publish(["same", "same"], ["a", "b"], [[], []], vectors[:2], "v2")
    assert len(table.nearest(vectors[0], 100)) == 100


def test_odd_text_is_stored(postgres_url: str) -> None:
    table, vectors = VectorTable(postgres_url, "odd"), clustered(20)[:3]
    table.publish(
        ["a", "b", "c"], ["nul\0byte", "שלום 👗", "'; DROP TABLE odd; --"], [[], [], []], vectors, "v"
    )
    assert {text for _, _, text in table.nearest(vectors[0], 3)} == {
        "nulbyte",
        "שלום 👗",
        "'; DROP TABLE odd; --",
    }


def test_what_is_not_there_is_said_without_the_password(postgres_url: str) -> None:
    with pytest.raises(UsageError, match="kedro vectors publish"):
        VectorTable(postgres_url, "nobody").nearest(clustered(20)[0], 1)
    with pytest.raises(SourceUnreachable, match="can't be reached") as error:
        VectorTable("postgresql://someone:CANARY@127.0.0.1:9/x", "t").nearest(clustered(20)[0], 1)
    assert "CANARY" not in str(error.value)
