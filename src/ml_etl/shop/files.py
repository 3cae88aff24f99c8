"""Files of a shop, Parquet or CSV, read lazily; what people wrote freely is repaired where it is no UTF-8."""

import codecs
import csv
from collections.abc import Mapping
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from ml_etl.engine import Engine

_BLOCK = 1 << 24
_ERRORS = "ml_etl.surrogate_or_replacement"


def read(engine: Engine, path: Path, types: Mapping[str, ibis.DataType], free_text: bool) -> ir.Table:
    """The file's table; CSV columns of `types` are read as such, the others as text.

    With `free_text`, a file with bytes that are no UTF-8 (the lone surrogates some programs write) is read
    into memory and repaired: each such place becomes U+FFFD. The engine itself would refuse the whole file.
    """
    if path.suffix == ".csv":
        known = {name: types.get(name, ibis.dtype("string")) for name in header(path) if name}
        if free_text and not _is_utf8(path):
            return _repaired_csv(engine, path, known)
        return engine.read_csv(path, known)
    if free_text and _invalid_texts(path):
        return _repaired_parquet(path)
    return engine.read_parquet(path / "*.parquet" if path.is_dir() else path)


def header(path: Path) -> list[str]:
    """The names in the first line of a CSV file."""
    with path.open(newline="", encoding="utf-8-sig", errors="replace") as stream:
        return next(csv.reader(stream), [])


def repaired(raw: bytes) -> str:
    """The text: pairs of surrogates joined, what is no character as U+FFFD."""
    codecs.register_error(_ERRORS, _surrogate_or_replacement)
    return raw.decode("utf-8", _ERRORS).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _surrogate_or_replacement(error: UnicodeError) -> tuple[str, int]:
    """A surrogate in three bytes as what it is, any other bad byte as U+FFFD."""
    assert isinstance(error, UnicodeDecodeError)
    try:
        after = error.start + 3
        return error.object[error.start : after].decode("utf-8", "surrogatepass"), after
    except UnicodeDecodeError:
        return "\ufffd", error.end


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as stream:
        try:
            while block := stream.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _repaired_csv(engine: Engine, path: Path, types: Mapping[str, ibis.DataType]) -> ir.Table:
    from pyarrow import csv as arrow_csv

    rows = arrow_csv.read_csv(
        pa.BufferReader(repaired(path.read_bytes()).encode()),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(types, pa.string()), null_values=[""], strings_can_be_null=True
        ),
    )
    table = ibis.memtable(rows.rename_columns([name or "unnamed" for name in rows.column_names]))
    return table.mutate(**{name: engine.typed_text(table[name], dtype) for name, dtype in types.items()})


def _invalid_texts(path: Path) -> bool:
    import pyarrow.parquet as pq

    for part in sorted(path.glob("*.parquet")) if path.is_dir() else [path]:
        file = pq.ParquetFile(part)
        texts = [field.name for field in file.schema_arrow if _is_text(field.type)]
        try:
            for batch in file.iter_batches(columns=texts):
                batch.validate(full=True)
        except pa.ArrowInvalid:
            return True
    return False


def _repaired_parquet(path: Path) -> ir.Table:
    import pyarrow.parquet as pq

    rows = pq.read_table(path)
    for position, field in enumerate(rows.schema):
        if _is_text(field.type):
            raw = rows.column(position).cast(pa.large_binary()).to_pylist()
            texts = [None if value is None else repaired(value) for value in raw]
            rows = rows.set_column(position, field.name, pa.array(texts, pa.string()))
    return ibis.memtable(rows)


def _is_text(dtype: pa.DataType) -> bool:
    return pa.types.is_string(dtype) or pa.types.is_large_string(dtype)
