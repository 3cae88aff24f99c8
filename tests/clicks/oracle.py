"""Sessions and funnels in plain Python, one event after the other, from the rules' wording alone."""

import datetime as dt
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Event = dict[str, Any]
TYPES = ("view", "click", "wishlist", "add_to_cart", "remove_from_cart", "checkout", "purchase", "search")
STEPS = (("view", "click"), ("add_to_cart",), ("checkout",), ("purchase",))
STEP_NAMES = ("view", "add_to_cart", "checkout", "purchase")


@dataclass
class Rules:
    """As in conf/base/parameters."""

    gap: dt.timedelta = dt.timedelta(minutes=30)
    longest: dt.timedelta = dt.timedelta(hours=24)
    at_midnight: bool = False
    on_campaign: bool = False
    bot_events_per_hour: int = 1000
    engaged_s: int = 120
    recovery: dt.timedelta = dt.timedelta(hours=24)


@dataclass
class Session:
    """One session, as it is walked through."""

    began: dt.datetime
    cell: int
    customer: str | None = None
    campaign: str | None = None
    events: list[Event] = field(default_factory=list)

    @property
    def key(self) -> str:
        return min((e["ingested_at"], e["event_id"]) for e in self.events)[1]


def whole_seconds(moment: dt.datetime) -> int:
    return int((moment.replace(microsecond=0) - dt.datetime(1970, 1, 1)).total_seconds())


def sessions(events: Iterable[Event], rules: Rules) -> list[Session]:
    """Every session, by walking through each stream of events once."""
    streams: dict[tuple[str, str | None], list[Event]] = defaultdict(list)
    for event in events:
        streams[owner(event), event["session_id"]].append(event)
    return [session for stream in streams.values() for session in _walk(stream, rules)]


def owner(event: Event) -> str:
    return event["visitor_id"] or f"customer:{event['customer_id']}"


def _walk(stream: list[Event], rules: Rules) -> list[Session]:
    found: list[Session] = []
    last: dt.datetime | None = None
    began = dt.datetime.min
    for event in sorted(stream, key=lambda e: (e["created_at"], e["event_id"])):
        at = event["created_at"]
        paused = last is None or at - last > rules.gap
        if paused:
            began = at
        passed = whole_seconds(at) - whole_seconds(began)
        cell = int(passed // rules.longest.total_seconds())
        now = found[-1] if found else None
        if (
            now is None
            or paused
            or cell != now.cell
            or (rules.at_midnight and at.date() != now.events[-1]["created_at"].date())
            or _another(now.customer, event["customer_id"])
            or (rules.on_campaign and _another(now.campaign, event["campaign_id"]))
        ):
            found.append(now := Session(began, cell))
        now.events.append(event)
        now.customer = event["customer_id"] or now.customer
        now.campaign = event["campaign_id"] or now.campaign
        last = at
    return found


def _another(there: str | None, comes: str | None) -> bool:
    return there is not None and comes is not None and there != comes


def bots(found: list[Session], rules: Rules) -> set[str]:
    """Keys of the sessions with an event in an hour in which their visitor made too many."""
    per_hour = Counter(
        (owner(e), e["created_at"].replace(minute=0, second=0, microsecond=0))
        for s in found
        for e in s.events
    )
    busy = {key for key, count in per_hour.items() if count > rules.bot_events_per_hour}
    return {
        s.key
        for s in found
        if any(
            (owner(e), e["created_at"].replace(minute=0, second=0, microsecond=0)) in busy for e in s.events
        )
    }


def described(found: list[Session], clock: dt.datetime, rules: Rules) -> dict[str, dict[str, Any]]:
    """Per session key what the table of sessions says."""
    flagged = bots(found, rules)
    bought: dict[str, list[tuple[dt.datetime, str | None]]] = defaultdict(list)
    for s in found:
        for e in s.events:
            if e["event_type"] == "purchase":
                bought[owner(e)].append((e["created_at"], s.customer))
    return {s.key: _described(s, clock, rules, s.key in flagged, bought) for s in found}


def _described(s: Session, clock: dt.datetime, rules: Rules, is_bot: bool, bought: dict) -> dict[str, Any]:
    types, times = [e["event_type"] for e in s.events], [e["created_at"] for e in s.events]
    left, value, revenue = 0, [], []
    for e in s.events:
        units, price = 1 if e["quantity"] is None else e["quantity"], e["price"]
        sign = {"add_to_cart": 1, "remove_from_cart": -1}.get(e["event_type"], 0)
        left = 0 if e["event_type"] == "purchase" else left + sign * units
        if sign and price is not None:
            value.append(sign * units * Decimal(str(price)))
        if e["event_type"] == "purchase" and price is not None:
            revenue.append(units * Decimal(str(price)))
    is_open = times[-1] + rules.gap >= clock
    abandoned = None if is_open else left > 0
    after = [
        at
        for at, buyer in bought[owner(s.events[0])]
        if times[-1] < at <= times[-1] + rules.recovery and not _another(s.customer, buyer)
    ]
    recovered = None
    if abandoned:
        recovered = True if after else (False if times[-1] + rules.recovery < clock else None)
    gaps = [whole_seconds(b) - whole_seconds(a) for a, b in itertools.pairwise(times)]
    articles = [e["article_id"] for e in s.events if e["article_id"]]
    furthest = max((n for n, step in enumerate(STEPS) for t in types if t in step), default=None)
    return {
        "visitor": owner(s.events[0]),
        "session_id": s.events[0]["session_id"],
        "customer_id": s.customer,
        "started_at": times[0],
        "ended_at": times[-1],
        "activity_started_at": s.began,
        "duration_s": whole_seconds(times[-1]) - whole_seconds(times[0]),
        "engaged_s": sum(min(gap, rules.engaged_s) for gap in gaps),
        "event_count": len(types),
        **{f"{t}_count": types.count(t) for t in TYPES},
        "other_count": sum(t not in TYPES for t in types),
        "distinct_articles": len(set(articles)),
        "entry_type": types[0],
        "entry_article_id": articles[0] if articles else None,
        "exit_type": types[-1],
        "exit_article_id": articles[-1] if articles else None,
        "campaign_id": next((e["campaign_id"] for e in s.events if e["campaign_id"]), None),
        "channel": next((e["channel"] for e in s.events if e["channel"]), None),
        "cart_items_left": left,
        "cart_value": sum(value) if value else None,
        "revenue": sum(revenue) if revenue else None,
        "converted": "purchase" in types,
        "furthest_step": None if furthest is None else STEP_NAMES[furthest],
        "is_open": is_open,
        "cart_abandoned": abandoned,
        "recovered_24h": recovered,
        "is_bot": is_bot,
        "simulated": any(e["simulated"] for e in s.events),
    }


Path = tuple[list[dt.datetime | None], int]
"""When each step was taken strictly, and the furthest one (from 0 on) with any event."""


def state_machine(events: list[tuple[dt.datetime, int]]) -> Path:
    """Walk through (moment, step) in order, equal times in the order of the steps."""
    taken: list[dt.datetime | None] = [None] * len(STEPS)
    state, furthest = 0, 0
    for at, step in sorted(events):
        furthest = max(furthest, step)
        if step == state < len(STEPS):
            taken[state] = at
            state += 1
    return taken, furthest


def step_of(event: Event) -> int | None:
    return next((n for n, step in enumerate(STEPS) if event["event_type"] in step), None)


def funnel(
    found: list[Session], rules: Rules, categories: dict[str, str], windows: tuple[int, ...] = (1, 7)
) -> dict[tuple, dict[str, Any]]:
    """Per (window, day, dimension, value, step number) the counts and times of the table `funnel`."""
    flagged = bots(found, rules)
    people = [s for s in found if s.key not in flagged]
    paths: dict[tuple, list[Path]] = defaultdict(list)
    by_visitor: dict[tuple, list[tuple[dt.datetime, int]]] = defaultdict(list)
    for s in people:
        for (dimension, value), taken in _by_dimension(s, categories).items():
            day = s.events[0]["created_at"].date()
            paths["session", day, dimension, value].append(state_machine(taken))
            by_visitor[dimension, value, owner(s.events[0])] += taken
    for (dimension, value, _visitor), taken in by_visitor.items():
        for window in windows:
            for day, path in _of_days(sorted(taken), dt.timedelta(days=window)):
                paths[f"{window}d", day, dimension, value].append(path)
    return {(*key, n + 1): row for key, some in paths.items() for n, row in _counted(some)}


def _by_dimension(s: Session, categories: dict[str, str]) -> dict[tuple[str, str], list]:
    """The session's steps by what they are told by; a step without an article counts for what is carted."""
    found: dict[tuple[str, str], list] = defaultdict(list)
    campaign = next((e["campaign_id"] for e in s.events if e["campaign_id"]), None)
    carted: dict[str, dt.datetime] = {}
    for e in s.events:
        if e["event_type"] == "add_to_cart" and (category := categories.get(e["article_id"])):
            carted.setdefault(category, e["created_at"])
    for e in s.events:
        step = step_of(e)
        if step is None:
            continue
        taken = (e["created_at"], step)
        found["all", "all"].append(taken)
        if campaign:
            found["campaign", campaign].append(taken)
        if e["article_id"] is None:
            for category, since in carted.items():
                if e["created_at"] >= since:
                    found["category", category].append(taken)
        elif category := categories.get(e["article_id"]):
            found["category", category].append(taken)
    return found


def _of_days(taken: list[tuple[dt.datetime, int]], window: dt.timedelta) -> Iterable[tuple[dt.date, Path]]:
    """Per day with a step: the path from its first step on, for the window's time."""
    for day in sorted({at.date() for at, _step in taken}):
        start = min(at for at, _step in taken if at.date() == day)
        looks = [at for at, step in taken if step == 0 and at.date() == day]
        inferred = [(at, step) for at, step in taken if start <= at <= start + window]
        strict: list[dt.datetime | None] = [None] * len(STEPS)
        if looks:
            strict, _furthest = state_machine([(at, step) for at, step in inferred if at >= min(looks)])
        yield day, (strict, max(step for _at, step in inferred))


def _counted(paths: list[Path]) -> Iterable[tuple[int, dict[str, Any]]]:
    strict = [sum(taken[n] is not None for taken, _f in paths) for n in range(len(STEPS))]
    inferred = [sum(furthest >= n for _t, furthest in paths) for n in range(len(STEPS))]
    for n in range(len(STEPS)):
        if not inferred[n]:
            continue
        last = n == len(STEPS) - 1
        times = [whole_seconds(t[n]) - whole_seconds(t[n - 1]) for t, _f in paths if n and t[n] is not None]  # type: ignore[arg-type]
        yield (
            n,
            {
                "reached_strict": strict[n],
                "reached_inferred": inferred[n],
                "drop_off_strict": None if last or not strict[n] else 1 - strict[n + 1] / strict[n],
                "drop_off_inferred": None if last else 1 - inferred[n + 1] / inferred[n],
                "mean_step_s": sum(times) / len(times) if times else None,
                "median_step_s": _median(times),
            },
        )


def _median(values: list[int]) -> float | None:
    if not values:
        return None
    ordered, middle = sorted(values), len(values) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
