"""Arrays as artefacts: what is read is what was written, equal content gives equal bytes, never a pickle."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kedro.io.core import DatasetError, Version
from scipy.sparse import csc_matrix, csr_matrix
from usearch.index import Index

from ml_etl.errors import StoreError
from ml_etl.files import sha256
from ml_etl.store import arrays, formats
from ml_etl.store.artefact import Artefact
from ml_etl.store.manifest import Entry

VECTORS = np.array([[1, 0, 0], [0.6, 0.8, 0], [0, 0, 1], [0, 0, 0]], dtype=np.float32)


def artefact(folder: Path, file_format: str, run: str = "run-1") -> Artefact:
    layout = {"data": str(folder), "shop": "small"}
    engine = {"backend": "duckdb", "memory_limit": "1GB"}
    return Artefact("shapes", "shape", file_format, layout, engine, Version(None, run))


def written(folder: Path, file_format: str, content: Any) -> tuple[Any, Entry]:
    """What comes back, and what the manifest would say of it."""
    made = artefact(folder, file_format)
    made.save(content)
    path = made._staged / f"shape.{file_format}"
    rows, schema = formats.facts(path, file_format)
    return made.load(), Entry(
        "shape", file_format, str(path), rows, path.stat().st_size, sha256(path), schema
    )


def index_of(vectors: np.ndarray) -> Index:
    index = Index(ndim=vectors.shape[1], metric="ip", dtype="f32")
    index.add(np.arange(len(vectors)), vectors, threads=1)
    return index


def test_npy_is_mapped_and_equal(tmp_path: Path) -> None:
    came, entry = written(tmp_path, "npy", np.asfortranarray(VECTORS))
    assert isinstance(came, np.memmap) and not came.flags.writeable
    assert came.dtype == np.float32 and came.flags.c_contiguous
    assert (came == VECTORS).all()
    assert (entry.rows, entry.schema) == (4, {"shape": "4×3", "dtype": "float32"})


def test_npy_of_no_rows(tmp_path: Path) -> None:
    came, entry = written(tmp_path, "npy", np.zeros((0, 384), np.float32))
    assert (came.shape, entry.rows) == ((0, 384), 0)


def test_npy_refuses_objects(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="allow_pickle"):
        written(tmp_path, "npy", np.array([{"a": 1}], dtype=object))


@pytest.mark.parametrize("layout", [csr_matrix, csc_matrix])
def test_npz_keeps_a_matrix_in_its_layout(tmp_path: Path, layout: type) -> None:
    came, entry = written(tmp_path, "npz", layout(VECTORS))
    assert isinstance(came, layout)
    assert (came.toarray() == VECTORS).all()
    assert (entry.rows, entry.schema) == (4, {"shape": "4×3"})


def test_npz_of_named_arrays(tmp_path: Path) -> None:
    came, entry = written(tmp_path, "npz", {"weights": VECTORS, "bias": np.array([0.5])})
    assert sorted(came) == ["bias", "weights"]
    assert (came["weights"] == VECTORS).all() and came["bias"].tolist() == [0.5]
    assert entry.schema == {"weights": "4×3 float32", "bias": "1 float64"}


def test_usearch_is_a_view_that_finds_neighbours(tmp_path: Path) -> None:
    came, entry = written(tmp_path, "usearch", index_of(VECTORS[:3]))
    found = came.search(np.array([0.8, 0.6, 0], dtype=np.float32), 2, exact=True)
    assert found.keys.tolist() == [1, 0]  # 0.96 and 0.8
    np.testing.assert_allclose(1 - found.distances, [0.96, 0.8], rtol=1e-6)
    assert (entry.rows, entry.schema) == (3, {"dimensions": "3", "metric": "ip", "dtype": "f32"})
    with pytest.raises(Exception, match=r".+"):
        came.add(9, VECTORS[0])


def test_several_indexes_are_one_artefact(tmp_path: Path) -> None:
    """A file each, asked as one."""
    far = Index(ndim=3, metric="ip", dtype="f32")
    far.add(np.array([70, 71]), VECTORS[[2, 1]], threads=1)
    made = artefact(tmp_path, "usearch")
    made.save([index_of(VECTORS[:2]), far])
    came = made.load()
    assert (len(came), sorted(came.keys.tolist())) == (4, [0, 1, 70, 71])
    for vector, keys in ((VECTORS[2] * 2 + VECTORS[1], {70, 1, 71}), (VECTORS[0], {0, 1, 71})):
        assert set(came.search(vector, 3).keys.tolist()) == keys
    assert made.preview()["data"] == [[4, "3", "ip", "f32"]]


def test_usearch_of_nothing(tmp_path: Path) -> None:
    came, entry = written(tmp_path, "usearch", Index(ndim=384, metric="ip", dtype="f32"))
    assert (len(came), entry.rows) == (0, 0)


def test_equal_content_gives_equal_bytes(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    many = rng.normal(size=(2000, 16)).astype(np.float32)
    makers = {"npy": lambda: many, "usearch": lambda: index_of(many), "npz": lambda: {"many": many}}
    for name, make in makers.items():
        first, second = (written(tmp_path / turn, name, make())[1].sha256 for turn in "ab")
        assert first == second, name


def test_a_full_disk_is_told_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's own error names neither file nor remedy."""
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full on this system")
    monkeypatch.setitem(formats._WRITERS, "usearch", lambda index, path: arrays.write_usearch(index, full))
    with pytest.raises(StoreError, match="can't write"):
        artefact(tmp_path, "usearch").save(index_of(VECTORS))


def test_previews_tell_shape_and_type(tmp_path: Path) -> None:
    made = artefact(tmp_path, "npy")
    made.save(VECTORS)
    shown = made.preview()
    assert shown["columns"] == ["rows", "shape", "dtype"]
    assert shown["data"] == [[4, "4×3", "float32"]]
