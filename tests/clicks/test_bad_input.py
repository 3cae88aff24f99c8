"""Each kind of row that can't be right, or is odd: its rule, its count, and that a person can see it."""

import datetime as dt
import math
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ml_etl.errors import ContractError, SchemaDrift, UsageError
from tests.clicks.compared import table
from tests.clicks.place import T0, TABLES, Place
from tests.clicks.rows import LATER, at, event

DAY = 24 * 60
GOOD = event(0, 0)

REJECTED = {
    "null_event_id": event(1, 0, event_id=None),
    "null_type": event(1, 0, event_type=""),
    "null_time": event(1, 0, created_at=None),
    "nobody": event(1, 0, visitor_id=None),
    "impossible_date": event(1, 0, created_at=dt.datetime(1970, 1, 1)),
    "in_future": event(1, 0, late=-24 * 60 - 1),
    "clock_ahead": event(1, 0, late=-6),
    "too_late": event(1, 0, late=3 * DAY + 1),
    "bad_price": event(1, 0, price=float("nan")),
}


@pytest.mark.parametrize("rule", REJECTED)
def test_a_row_that_cant_be_right_is_quarantined_with_its_rule(tmp_path: Path, rule: str) -> None:
    """It is counted, kept as it came, and no event."""
    row = REJECTED[rule]
    place = Place(tmp_path)
    place.put([GOOD, row])
    manifest = place.run(LATER)
    assert [event["event_id"] for event in table(place, "events")] == ["e0"]
    (kept,) = table(place, "quarantine")
    assert kept.pop("rule") == rule
    assert {name: str(value) for name, value in kept.items()} == {
        name: str(value) for name, value in row.items()
    }
    counts = manifest.checks["tables"]["events"]
    assert (counts["rows_in"], counts["rows_out"], counts["quarantined"], counts[f"rule.{rule}"]) == (
        2,
        1,
        1,
        1,
    )
    assert [o["rows"] for o in table(place, "intake") if o["outcome"] == rule] == [1]


OTTO = '{"session":1,"events":[{"aid":1,"ts":1710028800000,"type":"clicks"}]}\n'
CSV = "event_id,visitor_id,event_type,quantity,created_at\ne1,v,view,many,2024-03-10T10:00:00Z\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("e.jsonl", OTTO + OTTO[:40]),
        ("e.jsonl", OTTO + "no json\n" + OTTO),
        ("events.csv", CSV),
    ],
    ids=["half-written line", "no json", "quantity of letters"],
)
def test_a_file_that_cant_be_read_says_so(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / "shop" / name
    place = Place(tmp_path, events_jsonl=str(file) if name == "e.jsonl" else None)
    file.write_text(text)
    with pytest.raises(SchemaDrift, match=f"source.events: [\\s\\S]*{name}"):
        place.run(LATER)


def test_a_category_that_articles_dont_have(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.put([GOOD])
    place.put_articles({"a1": "shoes"})
    with pytest.raises(UsageError, match="no column section_name; there are article_id, product_group"):
        place.run(LATER, category="section_name")


@pytest.mark.parametrize(
    ("quantity", "is_kept"),
    [
        (2.0, True), (0.0, True), (1e6, True), (None, True),
        (1.5, False), (-2.0, False), (1e6 + 1, False),
        (1e30, False), (math.inf, False), (-math.inf, False), (math.nan, False),
    ],
)  # fmt: skip
def test_units_are_whole_and_not_negative(tmp_path: Path, quantity: float | None, is_kept: bool) -> None:
    """A purchase of -2 would be revenue of -10; 1.5 is rejected, not rounded, and kept as it came."""
    place = Place(tmp_path)
    place.put([GOOD, event(1, 1, "purchase", price=5.0)])
    path = place.shop / "events.parquet"
    rows = pq.read_table(path)
    units = pa.array([1.0, quantity], pa.float64())
    pq.write_table(rows.set_column(rows.column_names.index("quantity"), "quantity", units), path)
    place.run(LATER)
    assert len(table(place, "events")) == 1 + is_kept
    rejected = [(row["rule"], repr(row["quantity"])) for row in table(place, "quarantine")]
    assert rejected == ([] if is_kept else [("bad_quantity", repr(quantity))])
    assert [row["converted"] for row in table(place, "sessions")] == [is_kept]


def test_a_row_that_does_not_say_when_it_came_in_did_when_it_happened(tmp_path: Path) -> None:
    """Of 1 and 2 the shop knows only when they happened; 2 is for the next run."""
    place = Place(tmp_path)
    place.put([GOOD, event(1, 1, ingested_at=None), event(2, 120, ingested_at=None)])
    place.run(at(60))
    assert {row["event_id"]: row["ingested_at"] for row in table(place, "events")} == {"e0": T0, "e1": at(1)}
    place.run(at(180))
    assert len(table(place, "events")) == 3


def test_rows_without_any_time_are_rejected_once(tmp_path: Path) -> None:
    """1 is there from the beginning, 2 appears later: every run reads both, and each counts in one."""
    undated = {"created_at": None, "ingested_at": None}
    rows = [GOOD, event(1, 0, **undated), event(2, 0, **undated), event(3, DAY), event(4, 2 * DAY)]
    place, other = Place(tmp_path / "batches"), Place(tmp_path / "rebuild")
    counted = []
    for so_many, as_of in ((2, DAY - 60), (4, 2 * DAY - 60), (5, 3 * DAY)):
        place.put(rows[:so_many])
        counted.append(place.run(at(as_of)).checks["tables"]["events"])
    assert [(c["rows_in"], c["rows_out"], c["rule.null_time"]) for c in counted] == [
        (2, 1, 1), (2, 1, 1), (1, 1, 0)
    ]  # fmt: skip
    other.put(rows)
    other.run(at(3 * DAY))
    assert {name: place.rows(name) for name in TABLES} == {name: other.rows(name) for name in TABLES}
    assert [row["event_id"] for row in table(place, "quarantine")] == ["e1", "e2"]
    place.put([*rows, event(5, 0, **undated)])
    assert place.run(at(3 * DAY)).checks["tables"]["events"]["rule.null_time"] == 1


def test_rows_without_any_time_alone_release_nothing(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.put([event(1, 0, created_at=None, ingested_at=None)])
    assert place.run(LATER) is None


@pytest.mark.parametrize(
    ("late", "is_kept"),
    [(3 * DAY, True), (3 * DAY + 1, False), (-5, True), (-5.1, False)],
)
def test_the_bounds_of_late_and_ahead(tmp_path: Path, late: float, is_kept: bool) -> None:
    """72 hours late is not too late; a clock five minutes ahead is skew."""
    place = Place(tmp_path)
    place.put([GOOD, event(1, 60, late=late)])
    place.run(LATER)
    assert ("e1" in {row["event_id"] for row in table(place, "events")}) == is_kept


def test_too_late_is_measured_by_the_row_alone(tmp_path: Path) -> None:
    """1 is a day late when the watermark is a week further: it is an event."""
    place = Place(tmp_path)
    place.put([GOOD])
    place.run(at(8 * DAY))
    place.put([GOOD, event(1, 7 * DAY, late=DAY + 1)])
    place.run(at(8 * DAY + 60))
    assert {row["event_id"] for row in table(place, "events")} == {"e0", "e1"}


def test_a_repetition_counts_once_and_one_of_another_payload_is_told_apart(tmp_path: Path) -> None:
    """e1 comes in three times: first, the same again, and with another article."""
    first = event(1, 0, late=1)
    rows = [first, {**first, "ingested_at": at(2)}, {**first, "ingested_at": at(3), "article_id": "a9"}]
    place = Place(tmp_path)
    place.put(rows[::-1])
    manifest = place.run(LATER)
    (kept,) = table(place, "events")
    assert (kept["article_id"], kept["ingested_at"]) == ("a1", at(1))
    assert {row["outcome"]: row["rows"] for row in table(place, "intake")} == {
        "accepted": 1, "repeated": 1, "conflicting": 1
    }  # fmt: skip
    counts = manifest.checks["tables"]["events"]
    assert (counts["duplicates"], counts["note.conflicting"]) == (2, 1)


def test_a_repetition_is_found_however_old_the_event(tmp_path: Path) -> None:
    """e1 comes again 200 days later, as an event of that day: it is no new one. e2 is."""
    place = Place(tmp_path)
    place.put([event(1, 0)])
    place.run(at(DAY))
    again = [event(1, 200 * DAY), event(2, 200 * DAY)]
    place.put([event(1, 0), *again])
    place.run(at(201 * DAY))
    assert {(row["event_id"], row["created_at"]) for row in table(place, "events")} == {
        ("e1", T0), ("e2", at(200 * DAY))
    }  # fmt: skip


def test_unknown_types_are_kept_and_counted_outside_the_funnel(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.put([GOOD, event(1, 1, "blink"), event(2, 2, "wink")])
    manifest = place.run(LATER)
    assert manifest.checks["tables"]["events"]["note.unknown_type"] == 2
    (session,) = table(place, "sessions")
    assert (session["event_count"], session["other_count"], session["furthest_step"]) == (3, 2, "view")
    assert {row["step"] for row in table(place, "funnel")} == {"view"}


def test_other_names_of_types(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.put([event(1, 0, "product_view")])
    place.run(LATER, aliases={"product_view": "view"})
    assert [row["event_type"] for row in table(place, "events")] == ["view"]


def test_an_unknown_article_is_kept_and_counted(tmp_path: Path) -> None:
    """a2 is in the catalogue; a1, with two events, is not."""
    place = Place(tmp_path)
    place.put_articles({"a2": "shoes"})
    place.put([event(1, 0), event(2, 1), event(3, 2, article_id="a2")])
    place.run(LATER)
    assert len(table(place, "events")) == 3
    assert place.json("card")["unknown_articles"] == {"articles": 1, "events": 2}


@pytest.mark.slow
def test_a_bot_with_a_hundred_thousand_events_in_an_hour(tmp_path: Path) -> None:
    """It is kept and flagged; the shop's counts are a person's alone. Batches flag it as a rebuild does."""
    bot = [event(f"b{n}", 60 + n * 0.0005, visitor_id="bot") for n in range(100_000)]
    rows = [GOOD, event(1, 90), *bot]
    place, other = Place(tmp_path / "batches"), Place(tmp_path / "rebuild")
    for as_of in (at(80), at(100), LATER):
        place.put([row for row in rows if row["ingested_at"] < as_of])
        place.run(as_of)
    other.put(rows)
    other.run(LATER)
    bots = [row for row in table(place, "sessions") if row["is_bot"]]
    assert [(row["visitor"], row["event_count"]) for row in bots] == [("bot", 100_000)]
    total = next(row for row in table(place, "daily_counts") if row["level"] == "total")
    assert (total["event_count"], total["bot_events"]) == (2, 100_000)
    assert place.rows("sessions") == other.rows("sessions")


def test_clock_changes_split_nothing(tmp_path: Path) -> None:
    """The night US clocks go forward, local moments with their offset: ten minutes pass."""
    moments = [dt.datetime(2024, 3, 10, 6, 55), dt.datetime(2024, 3, 10, 7, 5)]  # 01:55 -05:00, 03:05 -04:00
    place = Place(tmp_path)
    place.put([event(n, 0, created_at=m, ingested_at=m) for n, m in enumerate(moments)])
    path = place.shop / "events.parquet"
    rows = pq.read_table(path)
    zoned = pa.timestamp("us", tz="America/New_York")
    for name in ("created_at", "ingested_at"):
        utc = rows.column(name).cast(pa.timestamp("us", tz="UTC")).cast(zoned)
        rows = rows.set_column(rows.column_names.index(name), name, utc)
    pq.write_table(rows, path)
    place.run(LATER)
    assert [(row["event_count"], row["duration_s"]) for row in table(place, "sessions")] == [(2, 600)]
    assert {row["created_at"] for row in table(place, "events")} == set(moments)


def test_an_empty_batch_is_no_new_version(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.put([GOOD])
    first = place.run(at(60), "first")
    assert place.run(at(1000), "second").version == first.version
    assert [m.version for m in place.releases.manifests()] == ["first"]


def test_a_shop_without_events_yet_releases_nothing(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.put([])
    assert place.run(LATER) is None


def test_too_many_rejected_rows_stop_the_run(tmp_path: Path) -> None:
    """Half of at least a thousand rows may be rejected; of few rows all may."""
    place = Place(tmp_path)
    bad = [event(n, 0, event_type=None) for n in range(600)]
    place.put([*bad, *(event(f"g{n}", n / 10) for n in range(400))])
    with pytest.raises(ContractError, match="600 of the 1,000 rows read were rejected"):
        place.run(LATER)
    assert place.current is None
    place.put(bad)
    assert place.run(LATER)
