"""The funnel's paths, each tied to numbered events."""

from pathlib import Path
from typing import Any

from tests.clicks.compared import table
from tests.clicks.place import Place
from tests.clicks.rows import LATER, event

HOUR = 60
Counts = dict[str, tuple[int, int]]


def funnel(
    folder: Path, rows: list[dict[str, Any]], categories: dict[str, str] | None = None
) -> list[dict[str, Any]]:
    place = Place(folder)
    if categories:
        place.put_articles(categories)
    place.put(rows)
    place.run(LATER)
    return table(place, "funnel")


def counts(rows: list[dict[str, Any]], window: str, dimension: str = "all", value: str = "all") -> Counts:
    """Per step (strict, inferred), over all days."""
    found: Counts = {}
    for row in rows:
        if (row["window"], row["dimension"], row["value"]) == (window, dimension, value):
            strict, inferred = found.get(row["step"], (0, 0))
            found[row["step"]] = (strict + row["reached_strict"], inferred + row["reached_inferred"])
    return found


def test_strict_needs_every_step_in_order(tmp_path: Path) -> None:
    """u takes all; v buys without a checkout; w puts into the cart before it looks."""
    rows = [
        *(
            event(f"u{n}", n, kind, visitor_id="u")
            for n, kind in enumerate(("view", "add_to_cart", "checkout", "purchase"))
        ),
        *(event(f"v{n}", n, kind) for n, kind in enumerate(("view", "add_to_cart", "purchase"))),
        *(event(f"w{n}", n, kind, visitor_id="w") for n, kind in enumerate(("add_to_cart", "view"))),
    ]
    found = counts(funnel(tmp_path, rows), "session")
    assert found == {"view": (3, 3), "add_to_cart": (2, 3), "checkout": (1, 2), "purchase": (1, 2)}


def test_equal_times_follow_the_steps(tmp_path: Path) -> None:
    """All four at one moment, listed backwards."""
    rows = [event(n, 0, kind) for n, kind in enumerate(("purchase", "checkout", "add_to_cart", "view"))]
    assert set(counts(funnel(tmp_path, rows), "session").values()) == {(1, 1)}


def test_a_click_counts_as_a_view_and_other_types_as_nothing(tmp_path: Path) -> None:
    rows = [event(1, 0, "click"), event(2, 1, "add_to_cart"), event(3, 2, "search"), event(4, 3, "blink")]
    assert counts(funnel(tmp_path, rows), "session") == {"view": (1, 1), "add_to_cart": (1, 1)}


def test_windows_reach_over_sessions(tmp_path: Path) -> None:
    """e1 lies 20 hours after e0, in its own session; e2 three days, e3 exactly seven, e9 a minute more."""
    steps = [(0, "view"), (20 * HOUR, "add_to_cart"), (72 * HOUR, "checkout"), (168 * HOUR, "purchase")]
    rows = [event(n, minute, kind) for n, (minute, kind) in enumerate(steps)]
    found = funnel(tmp_path, rows)
    on_first_day = [row for row in found if row["day"] == min(row["day"] for row in found)]
    assert counts(on_first_day, "session") == {"view": (1, 2), "add_to_cart": (0, 1)}
    assert counts(on_first_day, "1d") == {"view": (1, 1), "add_to_cart": (1, 1)}
    assert {step: n for step, (n, _i) in counts(on_first_day, "7d").items()} == dict.fromkeys(
        ("view", "add_to_cart", "checkout", "purchase"), 1
    )
    late = funnel(tmp_path / "late", [*rows[:3], event(9, 168 * HOUR + 1, "purchase")])
    first = [row for row in late if row["day"] == min(row["day"] for row in late)]
    assert "purchase" not in counts(first, "7d")


def test_drop_off_and_times(tmp_path: Path) -> None:
    """Two of three put into the cart, 60 and 180 seconds after they looked; one of them checks out."""
    rows = [
        event("u1", 0, visitor_id="u"),
        event("v1", 0),
        event("v2", 1, "add_to_cart"),
        event("w1", 0, visitor_id="w"),
        event("w2", 3, "add_to_cart", visitor_id="w"),
        event("w3", 4, "checkout", visitor_id="w"),
    ]
    found = {row["step"]: row for row in funnel(tmp_path, rows) if row["window"] == "session"}
    assert found["view"]["drop_off_strict"] == 1 - 2 / 3
    assert found["add_to_cart"]["drop_off_inferred"] == 0.5
    assert (found["add_to_cart"]["mean_step_s"], found["add_to_cart"]["median_step_s"]) == (120, 120)
    assert (found["checkout"]["mean_step_s"], found["checkout"]["drop_off_strict"]) == (60, 1)


def test_by_category_a_checkout_is_of_what_is_in_the_cart(tmp_path: Path) -> None:
    """Looked at: shoes and hats; carted: shoes alone. The checkout and the purchase of shoes are of shoes."""
    rows = [
        event(1, 0, article_id="shoe"),
        event(2, 1, article_id="hat"),
        event(3, 2, "add_to_cart", article_id="shoe"),
        event(4, 3, "checkout", article_id=None),
        event(5, 4, "purchase", article_id="shoe"),
        event(6, 5, article_id="unknown"),
    ]
    found = funnel(tmp_path, rows, {"shoe": "shoes", "hat": "hats"})
    assert counts(found, "session", "category", "shoes")["purchase"] == (1, 1)
    assert counts(found, "session", "category", "hats") == {"view": (1, 1)}
    assert {row["value"] for row in found if row["dimension"] == "category"} == {"shoes", "hats"}


def test_by_campaign_it_is_the_sessions(tmp_path: Path) -> None:
    rows = [event(1, 0), event(2, 1, "add_to_cart", campaign_id="k1"), event(3, 100)]
    found = funnel(tmp_path, rows)
    assert counts(found, "session", "campaign", "k1") == {"view": (1, 1), "add_to_cart": (1, 1)}


def test_per_article(tmp_path: Path) -> None:
    """a1 is looked at in two sessions and bought in one; a2 is put into the cart unseen."""
    rows = [
        event(1, 0),
        event(2, 1, "add_to_cart"),
        event(3, 2, "add_to_cart", article_id="a2"),
        event(4, 3, "checkout", article_id=None),
        event(5, 4, "purchase"),
        event(6, 100),
    ]
    place = Place(tmp_path)
    place.put(rows)
    place.run(LATER)
    found = {row["article_id"]: row for row in table(place, "funnel_articles")}
    assert [found["a1"][f"strict_{step}"] for step in ("view", "add_to_cart", "checkout", "purchase")] == [
        2,
        1,
        1,
        1,
    ]
    assert (found["a1"]["sessions"], found["a2"]["sessions"]) == (2, 1)
    assert (
        found["a2"]["strict_view"],
        found["a2"]["strict_add_to_cart"],
        found["a2"]["inferred_checkout"],
    ) == (0, 0, 1)


def test_a_category_that_changes_is_told_anew_on_every_day(tmp_path: Path) -> None:
    """No event comes in between the runs, but hats are clothes now; so says a rebuild."""
    place, other = Place(tmp_path / "batches"), Place(tmp_path / "rebuild")
    days = [event(n, n * 3 * 24 * 60, article_id="hat") for n in range(3)]
    for number, group in enumerate(("hats", "clothes")):
        place.put_articles({"hat": group})
        place.put(days)
        place.run(LATER, f"run{number}")
    other.put_articles({"hat": "clothes"})
    other.put(days)
    other.run(LATER)
    assert {row["value"] for row in table(place, "funnel") if row["dimension"] == "category"} == {"clothes"}
    assert place.rows("funnel") == other.rows("funnel")
