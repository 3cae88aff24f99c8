"""embeddings, from the articles' release to one of its own."""

from kedro.pipeline import Node, Pipeline

from ml_etl.pipelines.embeddings.articles import SPACES, articles_to_embed, select_rows, table
from ml_etl.pipelines.embeddings.drift import drift
from ml_etl.pipelines.embeddings.encode import embed_images, embed_texts, fuse
from ml_etl.pipelines.embeddings.honesty import honest_purity, text_to_image_recall
from ml_etl.pipelines.embeddings.index import build_index
from ml_etl.pipelines.embeddings.neighbours import find_neighbours
from ml_etl.pipelines.embeddings.picture import text_map
from ml_etl.pipelines.embeddings.quality import bought_together, measure_space, recall_of_bought
from ml_etl.pipelines.embeddings.release import card, index_facts, measure, quality, request, verify
from ml_etl.pipelines.embeddings.similar import similar_articles
from ml_etl.pipelines.embeddings.space import distinct_contents
from ml_etl.pipelines.embeddings.tfidf import tfidf
from ml_etl.pipelines.embeddings.tracking import neighbour_samples, track

_PARAMS = "params:embeddings"
_ARTICLES = "embeddings.articles"


def create_pipeline() -> Pipeline:
    """Nodes tagged `embeddings`; inputs: articles' contents, encoders, images, `embeddings.plan`."""
    spaces = [node for space in SPACES for node in _space(space)]
    rest = Pipeline([*spaces, *_tables(), *_measures(), *_release()], tags={"step.index"})
    return Pipeline([*_matrices(), rest], tags={"embeddings"})


def _matrices() -> list[Node]:
    """One matrix per space, rows in the order of the articles' ids."""
    return [
        Node(
            articles_to_embed,
            "released.articles.contents",
            _ARTICLES,
            name="select_articles_to_embed",
            tags={"step.tfidf", "step.text", "step.image"},
        ),
        Node(
            tfidf,
            [_ARTICLES, _PARAMS],
            ["embeddings.tfidf", "embeddings.tfidf_vocabulary"],
            name="weigh_words",
            tags={"step.tfidf"},
        ),
        Node(
            embed_texts,
            [_ARTICLES, "encoder.text"],
            ["embeddings.text", "embeddings.text_facts"],
            name="embed_texts",
            tags={"step.text", "gpu"},
        ),
        Node(
            embed_images,
            [_ARTICLES, "source.images", "encoder.image", _PARAMS],
            ["embeddings.image", "embeddings.image_facts"],
            name="embed_images",
            tags={"step.image", "gpu"},
        ),
        Node(
            fuse,
            [
                *("embeddings.text", "embeddings.image", "embeddings.text_facts", "embeddings.image_facts"),
                _PARAMS,
            ],
            ["embeddings.fused", "embeddings.fused_facts"],
            name="fuse_text_and_image",
            tags={"step.index"},
        ),
    ]


def _space(space: str) -> list[Node]:
    """A space's distinct contents, their index, their neighbours, and how good they are."""
    contents, index = f"embeddings.{space}_contents", f"embeddings.{space}_index"
    matrix, neighbours = f"embeddings.{space}", f"embeddings.{space}_neighbours"
    return [
        Node(
            distinct_contents,
            [_ARTICLES, matrix, f"{matrix}_facts"],
            contents,
            name=f"distinct_{space}_contents",
        ),
        Node(build_index, [contents, _PARAMS], index, name=f"index_{space}"),
        Node(find_neighbours, [contents, index, _PARAMS], neighbours, name=f"find_{space}_neighbours"),
        Node(
            measure_space,
            [_ARTICLES, matrix, contents, neighbours, index, _PARAMS],
            f"embeddings.{space}_quality",
            name=f"measure_{space}_space",
        ),
    ]


def _tables() -> list[Node]:
    matrices = [f"embeddings.{space}" for space in SPACES]
    facts = [f"{matrix}_facts" for matrix in matrices]
    spaces = [f"embeddings.{space}_contents" for space in SPACES]
    neighbours = [f"embeddings.{space}_neighbours" for space in SPACES]
    return [
        Node(table, [_ARTICLES, *facts, *matrices], "embeddings.table", name="number_rows"),
        Node(
            similar_articles,
            [_ARTICLES, *spaces, *neighbours],
            "embeddings.similar_articles",
            name="list_similar_articles",
        ),
        Node(
            select_rows,
            "compared.embeddings.table",
            "embeddings.rows_before",
            name="select_rows_of_release_before",
        ),
        Node(
            drift,
            [
                *(_ARTICLES, "embeddings.text", "embeddings.text_facts"),
                *("embeddings.rows_before", "compared.embeddings.text"),
            ],
            ["embeddings.drift", "embeddings.drift_facts"],
            name="compare_with_release_before",
        ),
        Node(
            text_map, [_ARTICLES, "embeddings.text_contents", _PARAMS], "embeddings.text_map", name="draw_map"
        ),
    ]


def _measures() -> list[Node]:
    text = ["embeddings.text_contents", "embeddings.text_neighbours"]
    return [
        Node(
            honest_purity,
            [_ARTICLES, "embeddings.text_contents", "encoder.text", _PARAMS],
            "embeddings.honest_quality",
            name="measure_without_type_names",
        ),
        Node(
            bought_together,
            ["compared.interactions.also_bought", _PARAMS],
            "embeddings.bought_together",
            name="select_bought_together",
        ),
        Node(
            recall_of_bought,
            ["embeddings.bought_together", _ARTICLES, *text, _PARAMS],
            "embeddings.bought_quality",
            name="measure_against_purchases",
        ),
        Node(
            text_to_image_recall,
            [_ARTICLES, "embeddings.image", "embeddings.image_facts", "encoder.image", _PARAMS],
            "embeddings.across_quality",
            name="measure_text_to_image",
        ),
        Node(
            quality,
            [
                *(f"embeddings.{space}_quality" for space in SPACES),
                *(f"embeddings.{name}_quality" for name in ("honest", "bought", "across")),
                "embeddings.drift_facts",
            ],
            "embeddings.quality",
            name="collect_quality",
        ),
        Node(
            neighbour_samples,
            [_ARTICLES, *text, _PARAMS],
            "embeddings.neighbour_samples",
            name="sample_neighbours",
        ),
    ]


def _release() -> list[Node]:
    indexes = [f"embeddings.{space}_index" for space in SPACES]
    facts = ["embeddings.text_facts", "embeddings.image_facts"]
    return [
        Node(
            measure,
            ["embeddings.table", "embeddings.similar_articles", "embeddings.drift"],
            "embeddings.measures",
            name="measure_embeddings",
        ),
        Node(
            verify,
            [
                "embeddings.measures",
                *(f"embeddings.{space}" for space in SPACES),
                *("embeddings.tfidf", "embeddings.plan", _PARAMS),
            ],
            "embeddings.checks",
            name="verify_embeddings",
        ),
        Node(index_facts, indexes, "embeddings.index_facts", name="tell_indexes"),
        Node(
            card,
            ["embeddings.checks", *facts, "embeddings.index_facts", _PARAMS],
            "embeddings.card",
            name="describe_embeddings",
        ),
        Node(
            track,
            [
                *("embeddings.quality", "embeddings.card", *facts, "embeddings.neighbour_samples"),
                *("embeddings.text_map", "embeddings.plan", _PARAMS),
            ],
            "embeddings.tracking",
            name="track_embeddings",
        ),
        Node(
            request,
            [
                *("embeddings.checks", "embeddings.plan", "embeddings.card"),
                *("embeddings.tfidf_vocabulary", "embeddings.text_map", "embeddings.tracking"),
            ],
            "embeddings.release",
            name="release_embeddings",
        ),
    ]
