"""The tables of the funnel; and all released tables together."""

import ibis

from ml_etl.contracts import Column, Contract, Rule
from ml_etl.pipelines.events.contracts import EVENTS, SESSIONS, count, text
from ml_etl.pipelines.events.count_contracts import BEHAVIOUR, COUNTED
from ml_etl.pipelines.events.params import FunnelParams
from ml_etl.pipelines.events.rules import INTAKE, QUARANTINE

FUNNEL = Contract(
    "funnel",
    "one row per window, day (UTC), dimension, value and step that someone took; a file per window and day",
    (
        text("window", "session; or 1d, 7d: by visitor, so many times 24 hours from the first step that day"),
        Column("day", "date", "the day (UTC) the session started, or the visitor took the first step"),
        text("dimension", "all, category (of the articles) or campaign (the session's)"),
        text("value", "the category or the campaign; all"),
        Column("step_number", "int64", "place of the step, from 1 on"),
        text("step", "the step"),
        count("reached_strict", "took it after every step before, in order", "sessions or visitors"),
        count("reached_inferred", "took it, or a later one", "sessions or visitors"),
        Column(
            "drop_off_strict",
            "float64",
            "of these, who did not take the next; null at the last step",
            "share",
        ),
        Column("drop_off_inferred", "float64", "the same of the inferred", "share"),
        Column("mean_step_s", "float64", "mean time since the step before, of the strict", "seconds"),
        Column("median_step_s", "float64", "median of it", "seconds"),
    ),
    key=("window", "day", "dimension", "value", "step_number"),
    rules=(
        Rule(
            "strict_at_most_inferred",
            "a strict path is an inferred one",
            lambda t: t.reached_strict > t.reached_inferred,
        ),
        Rule(
            "drop_off_range",
            "a share lies in 0 to 1",
            lambda t: (t.drop_off_strict < 0) | (t.drop_off_inferred < 0),
        ),
        Rule("times_forward", "no step is taken before the one before it", lambda t: t.mean_step_s < 0),
    ),
)


def funnel_articles_contract(funnel: FunnelParams) -> Contract:
    """Its columns are named by the steps."""
    kinds = {
        "strict": "took {} with it after every step before",
        "inferred": "took {} with it, or a later step",
    }
    return Contract(
        "funnel_articles",
        "one row per article and day (UTC) on which sessions with a step of it started",
        (
            Column("day", "date", "the day (UTC) the sessions started"),
            text("article_id", "the article"),
            count("sessions", "sessions with a step of it", "sessions"),
            *(
                count(f"{kind}_{step.name}", meaning.format(step.name), "sessions")
                for kind, meaning in kinds.items()
                for step in funnel.steps
            ),
        ),
        key=("day", "article_id"),
        rules=(
            Rule(
                "strict_at_most_inferred",
                "a strict path is an inferred one",
                lambda t: ibis.or_(*(t[f"strict_{s.name}"] > t[f"inferred_{s.name}"] for s in funnel.steps)),
            ),
        ),
    )


ARTICLE_CATEGORIES = Contract(
    "article_categories",
    "one row per article with a category: those the funnel was told by",
    (text("article_id", "the article"), text("category", "its category")),
    key=("article_id",),
)


def checked_contracts(funnel: FunnelParams) -> dict[str, Contract]:
    """Of the tables that are measured when they are written, by name."""
    found = (EVENTS, SESSIONS, FUNNEL, funnel_articles_contract(funnel), COUNTED, BEHAVIOUR)
    return {contract.table: contract for contract in found}


def released_contracts(funnel: FunnelParams) -> tuple[Contract, ...]:
    """Of every table a release has."""
    return (*checked_contracts(funnel).values(), INTAKE, QUARANTINE, ARTICLE_CATEGORIES)
