"""Parameters of reviews; units are in the names, reasons in conf/base/parameters/reviews.yml."""

from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from ml_etl.parameters import Category, Windows
from ml_etl.pipelines.reviews.language import IN_LATIN, IN_OTHERS

Share = Annotated[float, Field(ge=0, le=1)]
Word = Annotated[str, Field(min_length=1, pattern=r"\S")]
"""Part of a pattern: an empty one would be met everywhere."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class FlagParams(_Strict):
    """When a text is called too short, a duplicate, or spam."""

    min_words: PositiveInt
    duplicate_min_words: PositiveInt
    spam_phrases: tuple[Word, ...]
    spam_repeated_characters: PositiveInt
    spam_shouted_words: PositiveInt


def _known(language: str) -> str:
    known = IN_LATIN | IN_OTHERS
    if language not in known:
        raise ValueError(f"no model knows {language!r}; expected one of {', '.join(sorted(known))}")
    return language


Language = Annotated[str, AfterValidator(_known)]


class LanguageParams(_Strict):
    """Which languages are told apart, from how much text, and what a shorter one is taken for."""

    candidates: tuple[Language, ...] = Field(min_length=1)
    min_words: PositiveInt
    characters: PositiveInt
    default: Language

    @property
    def only_latin(self) -> bool:
        """Whether all of them are written in Latin letters, so that a text in others is none of them."""
        return IN_LATIN.issuperset((*self.candidates, self.default))


class LearnedParams(_Strict):
    """The sentiment learned from the shop's own ratings."""

    folds: Annotated[int, Field(ge=2)]
    ngrams: PositiveInt
    min_reviews_per_term: PositiveInt
    max_terms: PositiveInt
    inverse_regularisation: PositiveFloat
    max_train_reviews: PositiveInt
    min_reviews_per_class: PositiveInt
    significant_digits: PositiveInt
    seed: int


class AspectWords(_Strict):
    """What names an aspect (`terms`), what names and judges it, and for size which way it is wrong.

    `*` stands for any ending; words of several parts are met with any space between them.
    """

    terms: tuple[Word, ...] = ()
    positive: tuple[Word, ...] = ()
    negative: tuple[Word, ...] = ()
    small: tuple[Word, ...] = ()
    true: tuple[Word, ...] = ()
    large: tuple[Word, ...] = ()

    def every_word(self) -> tuple[str, ...]:
        """Every word that speaks of the aspect."""
        return self.terms + self.positive + self.negative + self.small + self.true + self.large


class SummaryParams(_Strict):
    """Windows of the slopes, the normal quantile of Wilson's bound, and how few reviews say nothing."""

    slope_days: Windows
    wilson_z: PositiveFloat
    min_complaints: PositiveInt


class SearchParams(_Strict):
    """BM25's two constants, and the index of vectors."""

    bm25_k1: NonNegativeFloat
    bm25_b: Share
    index_connectivity: PositiveInt
    index_expansion: PositiveInt
    index_shard: PositiveInt
    exact_below_vectors: PositiveInt


class ReviewsParams(_Strict):
    """All of it. `category` is a column of articles, `aspects` the words per kind of shop."""

    shop_kind: str
    category: Category
    texts_per_process: PositiveInt
    min_share_of_previous: NonNegativeFloat
    flags: FlagParams
    language: LanguageParams
    learned: LearnedParams
    summary: SummaryParams
    search: SearchParams
    aspects: dict[str, dict[str, AspectWords]]

    @model_validator(mode="after")
    def _kind_has_words(self) -> "ReviewsParams":
        if self.shop_kind not in self.aspects:
            raise ValueError(f"shop_kind {self.shop_kind!r} has no aspects; there are {sorted(self.aspects)}")
        return self

    @property
    def words(self) -> dict[str, AspectWords]:
        """The aspects of this shop."""
        return self.aspects[self.shop_kind]
