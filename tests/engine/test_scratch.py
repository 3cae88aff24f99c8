"""Tables kept for a run: what is read equals what was given, and constant columns are in no file."""

from collections.abc import Callable
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ibis import _

from ml_etl.engine import Scratch, ScratchParts, engine_of
from ml_etl.layout import Layout

LINES = pa.table({"article": ["a", "b", None], "units": [1, 2, 3]})
ARTICLES = pa.table({"article": ["a", "c"], "price": [1.5, 2.5]})
ENGINE = {"backend": "duckdb", "memory_limit": "1GB", "threads": 2}

Told = Callable[[ir.Table, ir.Table], ir.Table]


@pytest.fixture
def layout(tmp_path: Path) -> dict[str, str]:
    return {"data": str(tmp_path), "shop": "demo"}


def kept(table: ir.Table, layout: dict[str, str], **how: str) -> Scratch:
    scratch = Scratch(ENGINE, layout, **how)
    scratch.save(table)
    return scratch


def tables(layout: dict[str, str]) -> tuple[ir.Table, ir.Table]:
    """Lines whose shop has no channels, and articles that are all sold."""
    engine = engine_of(ENGINE, Layout.of(**layout))
    lines = engine.table_of(LINES).mutate(channel=ibis.null("string"), day=ibis.null("string").cast("date"))
    return lines, engine.table_of(ARTICLES).mutate(sold=ibis.literal(True))


CASES: dict[str, tuple[Told, set[str]]] = {
    "as told": (lambda lines, articles: lines, {"channel", "day"}),
    "chosen": (
        lambda lines, articles: lines.filter(_.units > 1).rename(via="channel").order_by("units").limit(1),
        {"via", "day"},
    ),
    "dropped": (lambda lines, articles: lines.mutate(more=1).drop("channel", "units"), {"day", "more"}),
    "cast": (lambda lines, articles: lines.mutate(at=_.channel.cast("date")), {"channel", "day", "at"}),
    "joined": (lambda lines, articles: lines.join(articles, "article"), {"channel", "day", "sold"}),
    "with who has none": (lambda lines, articles: lines.left_join(articles, "article"), {"channel", "day"}),
    "with all of both": (lambda lines, articles: lines.outer_join(articles, "article"), set()),
    "filled": (lambda lines, articles: lines.fill_null({"channel": "shop"}), set()),
    "told from": (lambda lines, articles: lines.mutate(channel=_.channel.fill_null("shop")), {"day"}),
    "above others": (lambda lines, articles: lines.union(lines.mutate(channel=ibis.literal("web"))), set()),
    "counted": (lambda lines, articles: lines.group_by("channel").aggregate(n=_.count()), set()),
}


@pytest.mark.parametrize(("told", "constant"), CASES.values(), ids=CASES)
def test_what_is_read_is_what_was_given(layout, told: Told, constant: set[str]) -> None:
    table = told(*tables(layout))
    scratch = kept(table, layout)
    engine = engine_of(ENGINE, Layout.of(**layout))
    by = [name for name in table.columns if name not in constant]
    found, given = (engine.collect(rows.order_by(by)) for rows in (scratch.load(), table))
    assert found.schema == given.schema
    assert found.equals(given)
    assert set(table.columns) - set(pq.read_schema(scratch.file()).names) == constant


def test_a_table_of_constants_keeps_its_rows(layout) -> None:
    lines, _articles = tables(layout)
    scratch = kept(lines.select("channel", one=ibis.literal(1)), layout)
    engine = engine_of(ENGINE, Layout.of(**layout))
    assert engine.collect(scratch.load()).to_pylist() == [{"channel": None, "one": 1}] * 3


def test_a_table_is_divided_by_a_constant_too(layout) -> None:
    lines, _articles = tables(layout)
    scratch = kept(lines, layout, divided_by="channel")
    engine = engine_of(ENGINE, Layout.of(**layout))
    assert engine.collect(scratch.load().order_by("units")).equals(engine.collect(lines.order_by("units")))


def test_parts_have_all_their_columns(layout) -> None:
    """They are read at once: a constant that one of them lacked would be null in it."""
    lines, _articles = tables(layout)
    parts = ScratchParts(ENGINE, layout)
    parts.save([lines, lines.mutate(channel=ibis.literal("web"))])
    found = engine_of(ENGINE, Layout.of(**layout)).collect(parts.load().all())
    assert found.column_names == ["article", "units", "channel", "day"]
    assert sorted(found["channel"].to_pylist(), key=str) == [None] * 3 + ["web"] * 3


def test_a_table_in_memory_is_kept(layout) -> None:
    engine = engine_of(ENGINE, Layout.of(**layout))
    assert engine.collect(kept(LINES, layout).load().order_by("units")).equals(LINES)
