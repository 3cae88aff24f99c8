"""The staged table of reviews: people write freely, so most of what is odd is counted and kept."""

from ml_etl.contracts import SOURCE, Column, Contract, Rule

LONGEST_TEXT = 20_000
"""Characters; no one writes longer reviews, and VADER's time grows with the square of a text's length."""

REVIEWS = Contract(
    "staging.reviews",
    "one row per review",
    (
        *(
            Column(c.name, "int64" if c.name in ("rating", "reviewer_age") else c.type, c.meaning, c.unit)
            for c in SOURCE["reviews"].columns
        ),
        Column("created_on", "date", "local day it was written"),
        Column("article_known", "boolean", "article_id is among the articles"),
    ),
    key=("review_id",),
    rules=(
        Rule(
            "null_key",
            "review or article is null or empty",
            lambda t: (t.review_id.fill_null("") == "") | (t.article_id.fill_null("") == ""),
        ),
        Rule(
            "rating_range",
            "the rating is no whole number from 1 to 5",
            lambda t: ~t.given_rating.between(1, 5) | (t.given_rating % 1 != 0),
        ),
        Rule("future_date", "written after the day the shop was read", lambda t: t.in_future),
        Rule(
            "text_too_long",
            f"title or text has more than {LONGEST_TEXT:,} characters",
            lambda t: t.longest > LONGEST_TEXT,
        ),
    ),
    notes=(
        Rule("unknown_article", "article_id is not among the articles: kept", lambda t: ~t.article_known),
        Rule("no_rating", "no rating: kept, out of means", lambda t: t.given_rating.isnull()),
        Rule(
            "undated",
            "nobody knows when it was written: known, out of slopes",
            lambda t: t.created_at.isnull(),
        ),
        Rule(
            "empty_text",
            "neither title nor text: the rating counts",
            lambda t: t.title.isnull() & t.review_text.isnull(),
        ),
        Rule("control_characters", "NUL and the like in the text: taken out", lambda t: t.has_controls),
        Rule(
            "replaced_bytes",
            "bytes that are no UTF-8, such as lone surrogates: U+FFFD in their place",
            lambda t: t.has_replaced,
        ),
        Rule("personal_data", "an e-mail or phone number was masked", lambda t: t.pii_found),
        Rule("simulated", "made up by a program", lambda t: t.simulated),
        Rule("snapshot_after_as_of", "as landed after the as-of", lambda t: t.landed_late),
    ),
)
