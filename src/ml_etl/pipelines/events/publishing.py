"""The end of the pipeline: pictures, checks, and the release."""

from kedro.pipeline import Node

from ml_etl.pipelines.events.card import card
from ml_etl.pipelines.events.pictures import (
    draw_abandonment,
    draw_funnel,
    draw_lengths,
    shown_funnel,
    shown_sessions,
)
from ml_etl.pipelines.events.release import facts, measure, request, verify

_PARAMS, _CLICKS = "params:events", "params:clickstream"


def figures() -> list[Node]:
    """Three pictures of the last thirty days."""
    return [
        Node(
            shown_funnel, ["events.funnel", "events.scope"], "events.shown_funnel", name="select_shown_funnel"
        ),
        Node(
            shown_sessions,
            ["events.sessions", "events.scope"],
            "events.shown_sessions",
            name="select_shown_sessions",
        ),
        Node(
            draw_funnel,
            ["events.shown_funnel", "events.shown_sessions"],
            "events.funnel_picture",
            name="draw_funnel",
        ),
        Node(draw_lengths, "events.shown_sessions", "events.length_picture", name="draw_session_lengths"),
        Node(
            draw_abandonment, "events.shown_sessions", "events.abandonment_picture", name="draw_abandonment"
        ),
    ]


def release() -> list[Node]:
    written = ["events.table", "events.sessions", "events.funnel", "events.funnel_articles"]
    written += ["events.daily_counts", "events.behaviour"]
    return [
        Node(measure, [*written, "events.changed", _PARAMS], "events.measures", name="measure_events"),
        Node(
            verify,
            [
                "events.measures",
                "events.totals",
                "state.events.totals",
                "events.facts",
                "events.scope",
                _PARAMS,
            ],
            "events.checks",
            name="verify_events",
        ),
        Node(
            facts,
            ["events.daily_counts", "events.behaviour", "optional.articles.table", "events.scope"],
            "events.facts",
            name="measure_recent_events",
        ),
        Node(
            card,
            [
                "events.facts",
                "events.shown_funnel",
                "events.shown_sessions",
                "events.totals",
                "events.scope",
                _PARAMS,
                _CLICKS,
            ],
            "events.card",
            name="describe_events",
        ),
        Node(
            request,
            [
                "events.checks",
                "events.plan",
                "events.ids",
                "events.quarantine",
                "events.intake",
                "events.article_categories",
                "events.card",
                "events.funnel_picture",
                "events.length_picture",
                "events.abandonment_picture",
            ],
            "events.release",
            name="release_events",
        ),
    ]
