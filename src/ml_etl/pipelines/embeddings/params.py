"""Parameters of embeddings; units are in the names, reasons in conf/base/parameters/embeddings.yml."""

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveInt,
    model_validator,
)

Share = Field(ge=0, le=1)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class TfidfParams(_Strict):
    """Words count that are in at least `min_texts` distinct texts; the `max_words` commonest of them."""

    min_texts: PositiveInt
    max_words: PositiveInt
    longest_ngram: PositiveInt


class FusedParams(_Strict):
    """How much each space weighs in the concatenation, before it is brought to unit length."""

    text_weight: NonNegativeFloat
    image_weight: NonNegativeFloat

    @model_validator(mode="after")
    def _one_weighs(self) -> "FusedParams":
        if self.text_weight == self.image_weight == 0:
            raise ValueError(
                "text_weight and image_weight are both 0: a vector of no length has no direction"
            )
        return self


class IndexParams(_Strict):
    """Spaces of fewer distinct contents than `hnsw_from` are searched exactly; the rest is usearch's HNSW."""

    hnsw_from: NonNegativeInt
    connectivity: PositiveInt
    expansion_add: PositiveInt
    expansion_search: PositiveInt


class QualityParams(_Strict):
    """`sample` contents are looked at where all pairs would be too many; `neighbours` is k everywhere."""

    sample: PositiveInt
    neighbours: PositiveInt
    seed: int


class MapParams(_Strict):
    """The 2-D map shows `articles` of them, placed by t-SNE of this perplexity."""

    articles: PositiveInt
    perplexity: PositiveInt
    seed: int


class EmbeddingsParams(_Strict):
    """All of it. A larger share of unreadable images than `max_problem_share` stops the run."""

    tfidf: TfidfParams
    fused: FusedParams
    index: IndexParams
    similar_top: PositiveInt
    max_problem_share: float = Share
    min_share_of_previous: NonNegativeFloat
    quality: QualityParams
    map: MapParams
