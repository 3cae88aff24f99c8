"""Reviews as people and programs write them: each odd row has its rule or its note, and the run goes on."""

import datetime as dt
import math
from typing import Any

import ibis
import pyarrow as pa
import pytest

from ml_etl.as_of import AsOf
from ml_etl.contracts import SOURCE, rows
from ml_etl.pipelines.staging.nodes import judge, repeat_counter
from ml_etl.pipelines.staging.review_contract import LONGEST_TEXT, REVIEWS
from tests.conftest import Data
from tests.shops import Shop

AS_OF = AsOf(dt.date(2020, 2, 1), "UTC", dt.date(2020, 3, 1))
GOOD: dict[str, Any] = {
    "article_id": "001",
    "rating": 5.0,
    "title": "Fine",
    "review_text": "Fits well.",
    "created_at": dt.datetime(2020, 1, 10, 12),
}
TYPES = {column.name: column.dtype for column in SOURCE["reviews"].columns}


def judged(*given: dict[str, Any], as_of: AsOf = AS_OF, **columns: Any) -> ibis.Table:
    """Reviews r1, r2, … that differ from GOOD as given, judged; `columns` take a type away (None)."""
    full = [{"review_id": f"r{n}", **GOOD, **row} for n, row in enumerate(given, 1)]
    types = {name: dtype for name, dtype in TYPES.items() if columns.get(name, name) is not None}
    extra = {"landed_at": ibis.dtype("timestamp")} if any("landed_at" in row for row in full) else {}
    schema = ibis.schema({**types, **extra}).to_pyarrow()
    landed = ibis.memtable(pa.Table.from_pylist(full, schema))
    articles = ibis.memtable({"article_id": ["001", "002"]})
    asked = repeat_counter("reviews")(landed, as_of)
    found = {name: row.to_pyarrow().to_pylist()[0] for name, row in asked.items()}
    return judge("reviews")((), found, landed, articles, as_of)


def counts(*given: dict[str, Any], **how: Any) -> dict[str, int]:
    (row,) = rows.count(judged(*given, **how), REVIEWS).to_pyarrow().to_pylist()
    return row


def accepted(*given: dict[str, Any], **how: Any) -> list[dict[str, Any]]:
    return rows.accepted(judged(*given, **how), REVIEWS).order_by("review_id").to_pyarrow().to_pylist()


BAD = {
    "a rating of 0": ("rating_range", {"rating": 0.0}),
    "a rating of 6": ("rating_range", {"rating": 6.0}),
    "half a star": ("rating_range", {"rating": 4.5}),
    "no number": ("rating_range", {"rating": math.nan}),
    "infinite": ("rating_range", {"rating": math.inf}),
    "no id": ("null_key", {"review_id": None}),
    "an empty id": ("null_key", {"review_id": ""}),
    "no article": ("null_key", {"article_id": None}),
    "from the future": ("future_date", {"created_at": dt.datetime(2999, 1, 1)}),
    "10 MB": ("text_too_long", {"review_text": "so good " * (10 * 2**20 // 8)}),
    "a title too long": ("text_too_long", {"title": "x" * (LONGEST_TEXT + 1)}),
}


@pytest.mark.parametrize(("rule", "row"), BAD.values(), ids=BAD)
def test_rows_that_cant_be_right_are_rejected(rule: str, row: dict[str, Any]) -> None:
    found = counts({}, row)
    assert found[f"rule.{rule}"] == 1
    assert (found["rows_in"], found["rows_out"], found["quarantined"]) == (2, 1, 1)


NOTED = {
    "unknown article": ("unknown_article", {"article_id": "999"}),
    "no rating": ("no_rating", {"rating": None}),
    "no date": ("undated", {"created_at": None}),
    "nothing written": ("empty_text", {"title": None, "review_text": None}),
    "only spaces": ("empty_text", {"title": " ", "review_text": "\t\n"}),
    "spaces of other widths": ("empty_text", {"title": "\u00a0\u00a0", "review_text": "\u3000"}),
    "nothing to see": ("empty_text", {"title": "\u200b", "review_text": "\u2060 \ufeff"}),
    "NUL": ("control_characters", {"review_text": "nice\x00 one"}),
    "replaced": ("replaced_bytes", {"title": "half \ufffd an emoji"}),
    "masked": ("personal_data", {"pii_found": True}),
    "simulated": ("simulated", {"simulated": True}),
}


@pytest.mark.parametrize(("note", "row"), NOTED.values(), ids=NOTED)
def test_odd_rows_are_counted_and_kept(note: str, row: dict[str, Any]) -> None:
    found = counts({}, row)
    assert found[f"note.{note}"] == 1
    assert found["rows_out"] == 2


def test_an_ordinary_review_is_not_noted() -> None:
    found = counts({})
    assert {name: n for name, n in found.items() if name.startswith(("note.", "rule."))} == {
        name: 0 for name in found if name.startswith(("note.", "rule."))
    }


@pytest.mark.parametrize(
    "text", ["So nice 😀👍🏽", "מידה קטנה מדי", "قماش ناعم", "とても良い", "İstanbul ǅ ß"]
)
def test_every_script_passes_unharmed(text: str) -> None:
    (row,) = accepted({"review_text": text})
    assert row["review_text"] == text


def test_controls_go_and_lines_stay() -> None:
    (row,) = accepted({"review_text": "\x00one\x07\ntwo\tthree\x7f ", "title": "\x01"})
    assert (row["review_text"], row["title"]) == ("one\ntwo\tthree", None)


def test_spaces_around_go_and_flags_stay_whole() -> None:
    """The flag of England ends with a sign that nobody sees by itself."""
    england = "🏴" + "".join(chr(0xE0000 + ord(sign)) for sign in "gbeng") + "\U000e007f"
    (row,) = accepted({"review_text": f"\u00a0 from {england}\u3000\n", "title": "\u2003Fine\u00a0"})
    assert (row["review_text"], row["title"]) == (f"from {england}", "Fine")


def test_an_address_cut_by_controls_is_masked_all_the_same() -> None:
    (row,) = accepted({"review_text": "to anna\x00@exam\x01ple.com", "title": None})
    assert (row["review_text"], row["pii_found"]) == ("to [email]", True)


def test_of_equal_ids_the_newest_is_kept() -> None:
    """Someone changed the review: r1 is there twice, and a broken r1 is not the one kept."""
    again = {"review_id": "r1", "review_text": "Changed.", "created_at": dt.datetime(2020, 1, 20)}
    broken = {"review_id": "r1", "rating": 6.0, "created_at": dt.datetime(2020, 1, 25)}
    found = counts({}, again, broken)
    assert (found["duplicates"], found["quarantined"], found["rows_out"]) == (1, 1, 1)
    assert [row["review_text"] for row in accepted({}, again, broken)] == ["Changed."]


def test_known_is_what_was_written_before_the_as_of() -> None:
    """r2 is of the as-of's own day; r3 has no date and is known."""
    days = [dt.datetime(2020, 1, 31, 23, 59), dt.datetime(2020, 2, 1), None]
    found = accepted(*({"created_at": day} for day in days))
    assert [(row["review_id"], row["created_on"]) for row in found] == [
        ("r1", dt.date(2020, 1, 31)),
        ("r3", None),
    ]


def test_days_are_the_shops() -> None:
    new_york = AsOf(dt.date(2020, 2, 1), "America/New_York", dt.date(2020, 3, 1))
    (row,) = accepted({"created_at": dt.datetime(2020, 2, 1, 4, 59)}, as_of=new_york)
    assert row["created_on"] == dt.date(2020, 1, 31)


def test_reviews_without_dates_are_snapshots() -> None:
    """The newest one landed before the as-of counts: r1 is of the first, r2 and r3 are of the second."""
    first, second = dt.datetime(2020, 1, 1), dt.datetime(2020, 1, 15)
    given = ({"landed_at": first}, {"landed_at": second}, {"landed_at": second})
    found = accepted(*given, created_at=None)
    assert [row["review_id"] for row in found] == ["r2", "r3"]
    assert [row["created_at"] for row in found] == [None, None]
    assert counts({"landed_at": dt.datetime(2020, 2, 2)}, created_at=None)["note.snapshot_after_as_of"] == 1


def put(shop: Shop, reviews: pa.Table) -> None:
    shop.put("reviews", reviews)


def stage(data: Data, shop: Shop) -> pa.Table:
    """What lies in landing after a run of landing and staging."""
    import pyarrow.parquet as pq

    data.run("staging", env="files", staging={"ceilings": {"reviews": 1.0}}, **shop.params)
    folder = data.folder / "02_intermediate" / "files" / "landing" / "reviews"
    return pq.read_table(next(folder.glob("*.parquet")))


def _surrogates() -> pa.Array:
    """No UTF-8: a lone surrogate, a pair of them (an emoji written by halves), a stray byte."""
    raw = pa.array(
        [b"fine", b"lone \xed\xa0\xbd!", b"pair \xed\xa0\xbd\xed\xb8\x80!", b"caf\xe9"], pa.binary()
    )
    return pa.StringArray.from_buffers(len(raw), raw.buffers()[1], raw.buffers()[2])


REPAIRED = ["fine", "lone \ufffd!", "pair 😀!", "caf\ufffd"]


def test_surrogates_in_parquet_are_replaced(data: Data, shop: Shop) -> None:
    ids = {"review_id": ["r1", "r2", "r3", "r4"], "article_id": ["001"] * 4}
    put(shop, pa.table({**ids, "review_text": _surrogates()}))
    assert stage(data, shop)["review_text"].to_pylist() == REPAIRED


def test_surrogates_in_csv_are_replaced(data: Data, shop: Shop) -> None:
    lines = [f"r{n},001,{n}.0,2020-01-0{n} 10:00:00,".encode() for n in (1, 2, 3, 4)]
    texts = [b'"fine"', b'"lone \xed\xa0\xbd!"', b'"pair \xed\xa0\xbd\xed\xb8\x80!"', b"caf\xe9"]
    body = b"\n".join(line + text for line, text in zip(lines, texts, strict=True))
    head = b"review_id,article_id,rating,created_at,review_text\n"
    (shop.folder / "reviews.csv").write_bytes(head + body + b"\n")
    landed = stage(data, shop)
    assert landed["review_text"].to_pylist() == REPAIRED
    assert landed["rating"].to_pylist() == [1.0, 2.0, 3.0, 4.0]
    assert landed["created_at"].to_pylist()[0] == dt.datetime(2020, 1, 1, 10)
