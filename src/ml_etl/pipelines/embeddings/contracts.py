"""The released tables: columns, keys and what must hold of each row."""

from ml_etl.contracts import Column, Contract, Rule
from ml_etl.pipelines.embeddings.articles import SPACES


def _first_of_equals(space: str) -> Rule:
    first, row = f"equal_{space}_as", f"{space}_row"
    return Rule(
        f"equal_{space}_first",
        f"{first} must not follow the article, and is there where {row} is",
        lambda t: (t[first] > t.article_id) | (t[first].isnull() != t[row].isnull()),
    )


EMBEDDINGS = Contract(
    "embeddings",
    "one row per article of the articles' release",
    (
        Column("article_id", "string", "the article"),
        Column("content_hash", "string", "sha256 of its text and image path, as articles tells it"),
        Column("is_merchandise", "boolean", "false: embedded, but nobody's neighbour"),
        *(
            Column(
                f"equal_{space}_as",
                "string",
                f"smallest id among the articles of its vector in `{space}`: one content, and no neighbours; "
                "null where it has none",
            )
            for space in SPACES
        ),
        *(
            Column(f"{space}_row", "int32", f"its row in the matrix `{space}`; null where it has none", "row")
            for space in SPACES
        ),
        Column("text_problem", "string", "why it has no text vector"),
        Column("image_problem", "string", "why its image has no vector; null where it names none"),
    ),
    key=("article_id",),
    rules=(
        Rule(
            "row_or_problem",
            "an article has a text vector, or the reason why not",
            lambda t: t.text_row.isnull() != t.text_problem.notnull(),
        ),
        Rule(
            "fused_of_both",
            "a fused vector needs a text and an image",
            lambda t: t.fused_row.notnull() & (t.text_row.isnull() | t.image_row.isnull()),
        ),
        *(_first_of_equals(space) for space in SPACES),
    ),
)

SIMILAR = Contract(
    "similar_articles",
    "one row per article of the merchandise, space, and rank",
    (
        Column("article_id", "string", "the article"),
        Column("space", "string", "text, image or fused"),
        Column("rank", "int32", "1 is nearest; ties of six digits go to the smaller id"),
        Column("similar_article_id", "string", "the neighbour: the smallest id of those of its content"),
        Column("cosine", "float32", "cosine of the two vectors, six digits"),
        Column("same_product_code", "boolean", "both are one product (false where codes are not known)"),
    ),
    key=("article_id", "space", "rank"),
    rules=(
        Rule("not_itself", "no article is its own neighbour", lambda t: t.article_id == t.similar_article_id),
        Rule("cosine_range", "a cosine must lie in [−1, 1]", lambda t: t.cosine.abs() > 1.00001),
        Rule("rank_range", "ranks begin at 1", lambda t: t["rank"] < 1),
        Rule("known_space", "a space is text, image or fused", lambda t: ~t.space.isin(SPACES)),
    ),
)

DRIFT = Contract(
    "drift",
    "one row per article with a text vector in this release and in the one before",
    (
        Column("article_id", "string", "the article"),
        Column("content_changed", "boolean", "its content is another than before"),
        Column("cosine_to_previous", "float32", "cosine of its text vectors now and before"),
    ),
    key=("article_id",),
    rules=(
        Rule("cosine_range", "a cosine must lie in [−1, 1]", lambda t: t.cosine_to_previous.abs() > 1.00001),
    ),
)

RELEASED = (EMBEDDINGS, SIMILAR, DRIFT)
