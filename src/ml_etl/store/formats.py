"""The file formats an artefact may have: Parquet, CSV, npz without objects, JSON. Never pickle."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ml_etl.engine import Engine

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from scipy.sparse import csr_matrix

SUFFIX = {"parquet": ".parquet", "csv": ".csv", "npz": ".npz", "json": ".json"}


def part_names(name: str, file_format: str, parts: int) -> list[str]:
    """The files of an artefact: NAME.parquet, or NAME/part-00000.parquet and so on if there are more."""
    suffix = SUFFIX[file_format]
    return [name + suffix] if parts == 1 else [f"{name}/part-{part:05d}{suffix}" for part in range(parts)]


def write(data: Any, path: Path, file_format: str, engine: Engine, sort_by: list[str]) -> None:
    """Write one artefact; tables are written sorted, so that equal rows give equal bytes."""
    if file_format == "parquet":
        engine.write_parquet(_lazy(data, engine), path, sort_by)
    elif file_format == "csv":
        engine.write_csv(_lazy(data, engine), path, sort_by)
    elif file_format == "npz":
        _write_npz(data, path)
    else:
        path.write_text(json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


def read(path: Path, file_format: str, engine: Engine) -> Any:
    """Read one artefact: a lazy table, a SciPy matrix, or a JSON value."""
    if file_format == "parquet":
        return engine.read_parquet(path / "*.parquet" if path.is_dir() else path)
    if file_format == "csv":
        return engine.read_csv(path, {})
    if file_format == "npz":
        from scipy.sparse import load_npz

        return load_npz(path)
    return json.loads(path.read_text("utf-8"))


def facts(path: Path, file_format: str) -> tuple[int | None, dict[str, str]]:
    """Rows and schema, from the file's own metadata where it has some."""
    if file_format == "parquet":
        import pyarrow.parquet as pq

        metadata = pq.read_metadata(path)
        schema = metadata.schema.to_arrow_schema()
        return metadata.num_rows, {field.name: str(field.type) for field in schema}
    if file_format == "npz":
        import numpy as np

        with np.load(path) as arrays:
            rows, columns = (int(n) for n in arrays["shape"])
        return rows, {"shape": f"{rows}×{columns}"}
    return None, {}


def _lazy(data: Any, engine: Engine) -> "ir.Table":
    """A lazy table; arrow tables, which nodes outside the lazy world give, become one."""
    import pyarrow as pa

    return engine.table_of(data) if isinstance(data, pa.Table) else data


def _write_npz(matrix: "csr_matrix", path: Path) -> None:
    from scipy.sparse import save_npz

    with path.open("wb") as stream:  # a stream, since NumPy would add .npz to a name
        save_npz(stream, matrix, compressed=True)
