"""Artefacts that are arrays: dense and sparse matrices, named arrays, indexes of vectors."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from scipy.sparse import spmatrix
    from usearch.index import Index, Matches


def write_npy(array: "np.ndarray", path: Path) -> None:
    """One dense array in C order."""
    import numpy as np

    with path.open("wb") as stream:  # a stream, since NumPy would add .npy to a name
        np.save(stream, np.ascontiguousarray(array), allow_pickle=False)


def read_npy(path: Path) -> "np.ndarray":
    """The array, mapped into memory: rows are read from the file when they are looked at."""
    import numpy as np

    return np.load(path, mmap_mode="r", allow_pickle=False)


def npy_facts(path: Path) -> tuple[int, dict[str, str]]:
    """Rows, and shape and type as the schema."""
    array = read_npy(path)
    return len(array), {"shape": _by(array.shape), "dtype": str(array.dtype)}


def write_npz(content: "spmatrix | dict[str, np.ndarray]", path: Path) -> None:
    """A SciPy sparse matrix (CSR or CSC), or dense arrays by name; never objects.

    The archive NumPy and SciPy would write, but packed at zlib's quickest level, which they don't offer: a
    third to a seventh of the time; counts take a fifth more bytes, scores no more.
    """
    import numpy as np

    if isinstance(content, dict):
        assert "format" not in content, "the name SciPy marks its matrices by"
        arrays = content
    else:
        arrays = {name: getattr(content, name) for name in ("indices", "indptr", "data")}
        arrays |= {"format": np.array(content.format.encode("ascii")), "shape": np.array(content.shape)}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)


def read_npz(path: Path) -> "spmatrix | dict[str, np.ndarray]":
    """What was written: a sparse matrix in its own layout (CSR, CSC), or arrays by name."""
    import numpy as np
    from scipy.sparse import load_npz

    with np.load(path, allow_pickle=False) as arrays:
        if "format" not in arrays:  # SciPy's mark
            return {name: arrays[name] for name in arrays.files}
    return load_npz(path)


def npz_facts(path: Path) -> tuple[int | None, dict[str, str]]:
    """A matrix's rows and shape; of named arrays, the shape of each."""
    import numpy as np

    with np.load(path, allow_pickle=False) as arrays:
        if "format" in arrays:
            rows, columns = (int(n) for n in arrays["shape"])
            return rows, {"shape": _by((rows, columns))}
        return None, {name: f"{_by(arrays[name].shape)} {arrays[name].dtype}" for name in arrays.files}


def write_usearch(index: "Index", path: Path) -> None:
    """An index of vectors with the vectors in it; equal bytes if it was built on one thread.

    Raises:
        OSError: it can't be written; the library itself calls that a RuntimeError.
    """
    try:
        index.save(str(path))
    except RuntimeError as error:
        raise OSError(str(error)) from error


class Shards:
    """The indexes of a folder, asked as one: each is searched, and the nearest of all are given."""

    def __init__(self, parts: "Sequence[Index]"):
        from usearch.index import Indexes

        self._parts = parts
        self._together = Indexes(parts)

    @property
    def keys(self) -> "np.ndarray":
        """All keys, shard by shard."""
        import numpy as np

        return np.concatenate([np.asarray(part.keys) for part in self._parts])

    def __len__(self) -> int:
        return len(self._together)

    def search(self, vectors: "np.ndarray", count: int, exact: bool = False) -> "Matches":
        """As an index's own: the nearest first, per vector where there are several."""
        return self._together.search(vectors, count, exact=exact)


def read_usearch(path: Path) -> "Index | Shards":
    """The index as a view of its file: it opens at once, whatever its size, and can't be changed.

    A folder's indexes are given as one.
    """
    return Shards([_view(part) for part in _parts(path)]) if path.is_dir() else _view(path)


def usearch_facts(path: Path) -> tuple[int, dict[str, str]]:
    """Vectors in the index, and what they are."""
    from usearch.index import Index

    told = [Index.metadata(str(part)) or {} for part in _parts(path)]
    kinds = {"metric": told[0]["kind_metric"].name.lower(), "dtype": told[0]["kind_scalar"].name.lower()}
    rows = sum(int(part["count_present"]) for part in told)
    return rows, {"dimensions": str(told[0]["dimensions"]), **kinds}


def _view(path: Path) -> "Index":
    from usearch.index import Index

    index = Index.restore(str(path), view=True)
    assert index is not None, path
    return index


def _parts(path: Path) -> list[Path]:
    return sorted(path.iterdir()) if path.is_dir() else [path]


def _by(shape: tuple[int, ...]) -> str:
    return "×".join(str(n) for n in shape)
