"""The released tables: columns, keys and what must hold of each row."""

from collections.abc import Sequence

import ibis

from ml_etl.contracts import SOURCE, Column, Contract, Rule, masking

_TEXTS = ("title", "review_text", "sentiment_text", "text_clean")


def _range(name: str, low: float, high: float) -> Rule:
    return Rule(
        f"{name}_range", f"{name} must lie in [{low}, {high}]", lambda t: (t[name] < low) | (t[name] > high)
    )


def _source(name: str, type: str | None = None) -> Column:
    column = SOURCE["reviews"].by_name[name]
    return Column(name, type or column.type, column.meaning, column.unit)


REVIEWS = Contract(
    "reviews",
    "one row per review known before the as-of",
    (
        _source("review_id"),
        _source("customer_id"),
        _source("article_id"),
        Column("article_known", "boolean", "article_id is among the articles"),
        Column("article_name", "string", "the article's name, else its product type"),
        Column("category", "string", "the article's, else the one the review names, else UNKNOWN"),
        _source("rating", "int64"),
        _source("title"),
        _source("review_text"),
        _source("recommended"),
        _source("helpful_count"),
        _source("reviewer_age", "int64"),
        _source("created_at"),
        Column("created_on", "date", "local day it was written"),
        Column(
            "review_age_days", "int64", "days back from the last complete day; null without a date", "days"
        ),
        _source("simulated"),
        Column(
            "sentiment_text",
            "string",
            '"title. text" as written, or what there is of them; e-mails and phone numbers masked',
        ),
        Column("text_clean", "string", "for search: lower case, without URLs, spaces folded"),
        Column(
            "word_count",
            "int64",
            "words of text_clean; of scripts without spaces (Chinese, Japanese, Thai, …) each letter is one",
            "words",
        ),
        Column(
            "language",
            "string",
            "ISO 639-1 code; null of a text without letters, or in a script of no language looked for",
        ),
        Column("vader_neg", "float64", "VADER's negative share; English only", "share"),
        Column("vader_neu", "float64", "VADER's neutral share; English only", "share"),
        Column("vader_pos", "float64", "VADER's positive share; English only", "share"),
        Column("vader_compound", "float64", "VADER's compound, −1 to 1; English only"),
        Column("vader_label", "string", "positive from .05, negative to −.05, else neutral; English only"),
        Column(
            "learned_sentiment",
            "float64",
            "likelihood of four or five stars against one or two, told from the text by a model that saw "
            "neither this article nor this text; null where the shop has too few ratings",
        ),
        Column("learned_fold", "int64", "the fold whose model told it"),
        Column(
            "rating_sentiment_gap",
            "float64",
            "(rating − 1) / 4 − learned_sentiment: above 0 the stars say more than the words",
        ),
        Column("is_empty", "boolean", "neither title nor text"),
        Column("is_too_short", "boolean", "a text of too few words to say much"),
        Column(
            "is_duplicate",
            "boolean",
            "an earlier review has the same text_clean, of `duplicate_min_words` words (5) at least: shorter "
            "ones are equal by chance",
        ),
        Column("duplicate_of", "string", "the first review with that text"),
        Column(
            "is_spam",
            "boolean",
            "looks like spam: a link, a phrase of advertising, shouting, runs of a letter",
        ),
        _source("pii_found"),
        Column("has_vector", "boolean", "false where the text is empty: its row of vectors is all 0"),
    ),
    key=("review_id",),
    rules=(
        Rule(
            "rating_whole",
            "a rating is 1, 2, 3, 4 or 5",
            lambda t: ~t.rating.isin((1, 2, 3, 4, 5)),
        ),
        Rule(
            "known_before_as_of",
            "a review is not younger than the last complete day",
            lambda t: t.review_age_days < 0,
        ),
        Rule(
            "texts_agree",
            "an empty text has no words, no language, no sentiment and no vector",
            lambda t: (
                t.is_empty
                & (
                    (t.word_count > 0)
                    | t.language.notnull()
                    | t.vader_compound.notnull()
                    | t.learned_sentiment.notnull()
                    | t.has_vector
                )
            ),
        ),
        Rule(
            "vader_is_english",
            "VADER reads English, and all of it",
            lambda t: (t.language == "en").fill_null(False) != t.vader_compound.notnull(),
        ),
        Rule(
            "masked",
            "no e-mail address and no phone number in any text",
            lambda t: ibis.or_(*(masking.has_personal_data(t[name]) for name in _TEXTS)),
        ),
        Rule(
            "duplicates_named",
            "a duplicate names another review, and only a duplicate does",
            lambda t: (t.is_duplicate != t.duplicate_of.notnull()) | (t.duplicate_of == t.review_id),
        ),
        _range("vader_compound", -1, 1),
        _range("learned_sentiment", 0, 1),
        _range("rating_sentiment_gap", -1, 1),
    ),
)

ASPECTS = Contract(
    "aspects",
    "one row per review, aspect and clause that speaks of it",
    (
        Column("review_id", "string", "the review"),
        Column("aspect", "string", "what is spoken of"),
        Column("polarity", "string", "positive, negative or neutral"),
        Column("size", "string", "of aspect size: small, true or large, where the clause says which"),
        Column("span", "string", "the clause that says so"),
        Column("start", "int64", "where it begins in sentiment_text", "characters"),
        Column("end", "int64", "where it ends", "characters"),
    ),
    key=("review_id", "aspect", "start"),
    rules=(
        Rule(
            "known_polarity",
            "positive, negative or neutral",
            lambda t: ~t.polarity.isin(("positive", "negative", "neutral")),
        ),
        Rule(
            "span_as_long_as_it_says",
            "end − start is the span's length",
            lambda t: (t.end - t.start != t.span.length()) | (t.start < 0),
        ),
        Rule(
            "masked",
            "no e-mail address and no phone number in the span",
            lambda t: masking.has_personal_data(t.span),
        ),
    ),
)


def summary_contract(key: str, slope_days: Sequence[int] = (30, 90)) -> Contract:
    """article_sentiment or category_sentiment, by their key."""
    what = key.removesuffix("_id")
    named = (
        (
            Column("article_name", "string", "its name, else its product type"),
            Column("category", "string", "its category"),
        )
        if key == "article_id"
        else (Column("article_count", "int64", "reviewed articles", "articles"),)
    )
    slopes = (
        Column(
            f"rating_slope_{days}d",
            "float64",
            f"least-squares slope of the ratings of the last {days} days; null unless of two days at least",
            "stars per day",
        )
        for days in slope_days
    )
    return Contract(
        f"{what}_sentiment",
        f"one row per {what} with a review",
        (
            Column(key, "string", f"the {what}"),
            *named,
            Column("review_count", "int64", "reviews", "reviews"),
            Column("rated_count", "int64", "of those with a rating", "reviews"),
            Column("simulated_count", "int64", "of those simulated", "reviews"),
            Column("mean_rating", "float64", "mean of the ratings", "stars"),
            Column(
                "bayesian_rating",
                "float64",
                "(C · m + sum of ratings) / (C + rated_count): C the median of ratings per rated article, m "
                "the shop's mean rating",
                "stars",
            ),
            Column("positive_share", "float64", "share of ratings of 4 or 5", "share"),
            Column("wilson_lower", "float64", "lower bound of Wilson's interval of positive_share", "share"),
            Column("mean_vader_compound", "float64", "mean of vader_compound"),
            *slopes,
            Column("top_complaint", "string", "aspect most reviews complain of, ties by name"),
            Column("top_complaint_reviews", "int64", "how many do", "reviews"),
            Column("top_praise", "string", "aspect most reviews praise, ties by name"),
            Column("top_praise_reviews", "int64", "how many do", "reviews"),
            Column("first_review_on", "date", "local day of the first"),
            Column("last_review_on", "date", "local day of the last"),
        ),
        key=(key,),
        rules=(
            _range("mean_rating", 1, 5),
            _range("bayesian_rating", 1, 5),
            Rule(
                "wilson_below_share",
                "the lower bound lies below the share",
                lambda t: (t.wilson_lower > t.positive_share + 1e-12) | (t.wilson_lower < -1e-12),
            ),
            Rule("counts_nested", "rated reviews are reviews", lambda t: t.rated_count > t.review_count),
            Rule(
                "complaints_are_reviews",
                "no aspect is told of in more reviews than there are",
                lambda t: (
                    (t.top_complaint_reviews > t.review_count) | (t.top_praise_reviews > t.review_count)
                ),
            ),
        ),
    )


RELEASED = (REVIEWS, ASPECTS, summary_contract("article_id"), summary_contract("category"))
