"""The file formats an artefact may have. Never pickle.

parquet, csv   tables
npz            a SciPy sparse matrix, or dense arrays by name
npy            one dense array, mapped into memory when read
usearch        an index of vectors, read as a view of its file, or several of a folder as one
json           anything JSON carries
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ml_etl.engine import Engine
from ml_etl.store import arrays

if TYPE_CHECKING:
    import ibis.expr.types as ir

_WRITERS: dict[str, Callable[[Any, Path], None]] = {
    "npz": arrays.write_npz,
    "npy": arrays.write_npy,
    "usearch": arrays.write_usearch,
}
_READERS: dict[str, Callable[[Path], Any]] = {
    "npz": arrays.read_npz,
    "npy": arrays.read_npy,
    "usearch": arrays.read_usearch,
}
_FACTS: dict[str, Callable[[Path], tuple[int | None, dict[str, str]]]] = {
    "npz": arrays.npz_facts,
    "npy": arrays.npy_facts,
    "usearch": arrays.usearch_facts,
}

TABLES = ("parquet", "csv")
SUFFIX = {name: f".{name}" for name in (*TABLES, *_WRITERS, "json")}


def part_names(name: str, file_format: str, parts: int) -> list[str]:
    """The files of an artefact: NAME.parquet, or NAME/part-00000.parquet and so on if there are more."""
    suffix = SUFFIX[file_format]
    return [name + suffix] if parts == 1 else [f"{name}/part-{part:05d}{suffix}" for part in range(parts)]


def write(
    data: Any, path: Path, file_format: str, engine: Engine, sort_by: list[str], unwritten: list[str]
) -> None:
    """Write one artefact; tables are written sorted, so that equal rows give equal bytes."""
    if file_format == "parquet":
        engine.write_parquet(_lazy(data, engine), path, sort_by, unwritten=unwritten)
    elif file_format == "csv":
        engine.write_csv(_lazy(data, engine), path, sort_by)
    elif file_format in _WRITERS:
        _WRITERS[file_format](data, path)
    else:
        path.write_text(json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


def read(path: Path, file_format: str, engine: Engine) -> Any:
    """Read one artefact: a lazy table, a SciPy matrix, NumPy arrays, an index, or a JSON value."""
    if file_format == "parquet":
        return engine.read_parquet(path / "*.parquet" if path.is_dir() else path)
    if file_format == "csv":
        return engine.read_csv(path, {})
    if file_format in _READERS:
        return _READERS[file_format](path)
    return json.loads(path.read_text("utf-8"))


def facts(path: Path, file_format: str) -> tuple[int | None, dict[str, str]]:
    """Rows and schema, from the file's own metadata where it has some."""
    if file_format == "parquet":
        import pyarrow.parquet as pq

        metadata = pq.read_metadata(path)
        schema = metadata.schema.to_arrow_schema()
        return metadata.num_rows, {field.name: str(field.type) for field in schema}
    return _FACTS[file_format](path) if file_format in _FACTS else (None, {})


def _lazy(data: Any, engine: Engine) -> "ir.Table":
    """A lazy table; arrow tables, which nodes outside the lazy world give, become one."""
    import pyarrow as pa

    return engine.table_of(data) if isinstance(data, pa.Table) else data
