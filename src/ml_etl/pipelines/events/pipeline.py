"""events, from the shop's clickstream to a release: what came in is added to the version before."""

from kedro.pipeline import Node, Pipeline

from ml_etl.pipelines.events.batch import read_batch
from ml_etl.pipelines.events.behaviour import behaviour, daily_counts
from ml_etl.pipelines.events.categories import (
    article_categories,
    recategorised,
    recategorised_days,
    written_categories,
)
from ml_etl.pipelines.events.days import changed_days, event_days, listed, new_keys, session_days
from ml_etl.pipelines.events.described import describe_sessions
from ml_etl.pipelines.events.funnel import funnel, funnel_articles
from ml_etl.pipelines.events.intake import intake, quarantine, window
from ml_etl.pipelines.events.known import compare, days_known, event_ids, repeated
from ml_etl.pipelines.events.publishing import figures, release
from ml_etl.pipelines.events.scope import bounds, scope
from ml_etl.pipelines.events.sessions import stamp
from ml_etl.pipelines.events.steps import by_dimension, steps
from ml_etl.pipelines.events.totals import extent, totals

_PARAMS, _CLICKS = "params:events", "params:clickstream"


def create_pipeline() -> Pipeline:
    """Nodes tagged `events`; inputs: the source, the release that is added to, `events.plan`, categories."""
    return Pipeline(
        [*_batch(), *_categories(), *_sessions(), *_counts(), *_funnel(), *figures(), *release()],
        tags={"events"},
    )


def _batch() -> list[Node]:
    """What came in, and what of it is new."""
    return [
        Node(read_batch, ["source.events", "events.plan", _PARAMS], "events.batch", name="read_events"),
        Node(window, "events.plan", "events.window", name="tell_window"),
        Node(event_ids, ["events.batch", "state.events.ids"], "events.batch_keys", name="select_event_ids"),
        Node(
            days_known,
            ["events.batch_keys", "state.events.ids"],
            "events.days_known",
            name="look_up_event_ids",
        ),
        Node(
            repeated,
            ["events.batch", "state.events.table", "events.days_known"],
            "events.repeated",
            name="find_repeated_events",
        ),
        Node(compare, ["events.batch", "events.repeated"], "events.compared", name="compare_events"),
        Node(
            extent,
            ["events.compared", "state.events.intake", "events.window", "events.plan"],
            "events.extent",
            name="measure_batch",
        ),
        Node(scope, ["events.extent", "events.plan", _PARAMS, _CLICKS], "events.scope", name="bound_scope"),
        Node(
            totals,
            ["events.extent", "state.events.totals", "events.plan", _PARAMS],
            "events.totals",
            name="add_up_totals",
        ),
        Node(bounds, "events.scope", "events.bounds", name="tell_bounds"),
        Node(
            intake,
            ["events.compared", "state.events.intake", "events.window", "events.plan"],
            "events.intake",
            name="count_intake",
        ),
        Node(
            quarantine,
            ["events.batch", "state.events.quarantine", "events.window", "events.plan"],
            "events.quarantine",
            name="quarantine_events",
        ),
        Node(new_keys, ["events.compared", "events.scope"], "events.ids", name="index_event_ids"),
    ]


def _categories() -> list[Node]:
    """What the articles' categories are, and which of them are others than before."""
    return [
        Node(
            article_categories,
            ["optional.articles.table", _PARAMS],
            "events.categories",
            name="select_article_categories",
        ),
        Node(
            recategorised,
            ["events.categories", "state.events.article_categories", "events.scope"],
            "events.recategorised",
            name="compare_categories",
        ),
        Node(
            recategorised_days,
            ["state.events.daily_counts", "events.recategorised"],
            "events.recategorised_days",
            name="find_recategorised_days",
        ),
        Node(
            written_categories,
            ["events.categories", "events.recategorised", "events.scope"],
            "events.article_categories",
            name="write_article_categories",
        ),
    ]


def _sessions() -> list[Node]:
    """The sessions of the visitors that are touched, and the days that change by them."""
    return [
        Node(
            stamp,
            [
                "events.compared",
                "state.events.table",
                "state.events.sessions",
                "events.bounds",
                "events.scope",
                _CLICKS,
            ],
            "events.stamped",
            name="sessionize",
        ),
        Node(
            describe_sessions,
            ["events.stamped", "events.bounds", _PARAMS, _CLICKS],
            "events.described",
            name="describe_sessions",
        ),
        Node(
            changed_days,
            [
                "events.compared",
                "events.stamped",
                "events.described",
                "state.events.sessions",
                "events.recategorised_days",
                "events.scope",
            ],
            "events.changed_days",
            name="find_changed_days",
        ),
        Node(listed, "events.changed_days", "events.changed", name="list_changed_days"),
        Node(
            event_days,
            ["events.compared", "events.stamped", "state.events.table", "events.changed", "events.scope"],
            "events.table",
            name="write_event_days",
        ),
        Node(
            session_days,
            [
                "events.compared",
                "events.described",
                "state.events.sessions",
                "events.changed",
                "events.scope",
            ],
            "events.sessions",
            name="write_session_days",
        ),
    ]


def _counts() -> list[Node]:
    """How often who does what, and what is done with which article."""
    return [
        Node(
            daily_counts,
            ["events.table", "events.changed", "events.scope"],
            "events.daily_counts",
            name="count_days",
        ),
        Node(
            behaviour,
            [
                "events.daily_counts",
                "state.events.daily_counts",
                "state.events.behaviour",
                "events.changed",
                "events.bounds",
                "events.scope",
            ],
            "events.behaviour",
            name="sum_behaviour",
        ),
    ]


def _funnel() -> list[Node]:
    """How far they come, and how long it takes them."""
    return [
        Node(
            steps,
            ["events.table", "events.sessions", "events.categories", "events.changed", _PARAMS],
            "events.steps",
            name="select_steps",
        ),
        Node(by_dimension, "events.steps", "events.steps_by_dimension", name="tell_steps_apart"),
        Node(
            funnel,
            ["events.steps_by_dimension", "events.changed_days", "events.changed", "events.scope", _PARAMS],
            "events.funnel",
            name="count_funnel",
        ),
        Node(
            funnel_articles,
            ["events.steps", "events.changed_days", "events.changed", "events.scope", _PARAMS],
            "events.funnel_articles",
            name="count_funnel_of_articles",
        ),
    ]
