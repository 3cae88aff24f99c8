"""Nearest contents: equal to plain loops up to ties; the index finds nearly all of them."""

import numpy as np
import pandas as pd
import pytest

from ml_etl.absent import Absent
from ml_etl.pipelines.embeddings.articles import nothing, table
from ml_etl.pipelines.embeddings.index import build_index
from ml_etl.pipelines.embeddings.neighbours import exact, find_neighbours
from ml_etl.pipelines.embeddings.params import EmbeddingsParams
from ml_etl.pipelines.embeddings.similar import similar_articles
from ml_etl.pipelines.embeddings.space import Space, distinct_contents


def params(hnsw_from: int = 10**9, top: int = 20) -> EmbeddingsParams:
    return EmbeddingsParams.model_validate(
        {
            "tfidf": {"min_texts": 1, "max_words": 100, "longest_ngram": 1},
            "fused": {"text_weight": 1, "image_weight": 1},
            "index": {
                "hnsw_from": hnsw_from,
                "connectivity": 32,
                "expansion_add": 128,
                "expansion_search": 128,
            },
            "similar_top": top,
            "max_problem_share": 0,
            "min_share_of_previous": 0,
            "quality": {"sample": 50, "neighbours": 10, "seed": 1},
            "map": {"articles": 50, "perplexity": 5, "seed": 1},
        }
    )


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def space_of(vectors: np.ndarray) -> Space:
    n = np.arange(len(vectors))
    return Space(n, n, n, vectors)


def test_exact_equals_plain_loops_up_to_ties() -> None:
    """Small whole numbers make hundreds of nearly equal cosines, at the last place and across blocks, too."""
    chance = np.random.default_rng(3)
    vectors = unit(
        np.vstack([chance.integers(0, 3, (1500, 3)), chance.normal(size=(1200, 3)).round(1)]) + 0.05
    )
    found = exact(vectors, vectors, 20, np.arange(len(vectors)))
    for row in range(0, len(vectors), 37):
        cosines = {n: float(np.dot(vectors[row], other)) for n, other in enumerate(vectors) if n != row}
        best = sorted(cosines.values(), reverse=True)[:20]
        assert found.cosines[row].tolist() == pytest.approx(best, abs=2e-6)
        assert [cosines[n] for n in found.contents[row].tolist()] == pytest.approx(best, abs=2e-6)
        assert len(set(found.contents[row].tolist())) == 20


def test_ties_go_to_the_smaller_number() -> None:
    """To the first axis all others are at a right angle, and more of them than are taken at first."""
    found = exact(np.eye(60, dtype=np.float32), np.eye(60, dtype=np.float32), 5, np.arange(60))
    assert found.contents[0].tolist() == [1, 2, 3, 4, 5]
    assert found.contents[3].tolist() == [0, 1, 2, 4, 5]


def test_fewer_contents_than_asked_for_leave_places_empty() -> None:
    found = find_neighbours(space_of(unit(np.eye(3))), Absent("exact"), params(top=5))
    assert found.contents[0].tolist() == [1, 2, -1, -1, -1]
    assert np.isnan(found.cosines[0][2:]).all()


def test_the_index_finds_what_is_near_and_its_bytes_are_equal(tmp_path) -> None:
    chance = np.random.default_rng(5)
    centres = chance.normal(size=(300, 64))
    vectors = unit(centres[chance.integers(0, 300, 6000)] + chance.normal(size=(6000, 64)) * 0.4)
    space, given = space_of(vectors), params(hnsw_from=1000)
    index = build_index(space, given)
    build_index(space, given).save(str(tmp_path / "again"))
    index.save(str(tmp_path / "first"))
    assert (tmp_path / "first").read_bytes() == (tmp_path / "again").read_bytes()
    found = find_neighbours(space, index, given).contents[:, :10]
    wanted = exact(vectors, vectors, 10, np.arange(6000)).contents
    hits = [len(set(a) & set(b)) / 10 for a, b in zip(found.tolist(), wanted.tolist(), strict=True)]
    assert np.mean(hits) >= 0.98


def test_a_small_index_gives_no_more_than_there_is() -> None:
    space = space_of(unit(np.eye(4)))
    found = find_neighbours(space, build_index(space, params(hnsw_from=0)), params(hnsw_from=0, top=6))
    assert sorted(found.contents[0][:3].tolist()) == [1, 2, 3]
    assert found.contents[0][3:].tolist() == [-1, -1, -1]


ARTICLES = pd.DataFrame(
    {
        "article_id": ["a1", "a2", "a3", "a4", "a5"],
        "product_code": ["p", None, "p", "q", None],
        "is_merchandise": [True, True, True, True, False],
    }
)


def test_who_has_which_vector_is_told_in_each_space() -> None:
    """By image a1, a3 and a5, no goods, are one; a4 has none. There is no text, and nothing to fuse."""
    matrix = unit(np.array([[1, 0], [0, 1], [1, 0], [1, 0]]))
    none, image = nothing(5, "no model"), {"has_vector": np.array([True, True, True, False, True])}
    absent, articles = none["absent"], ARTICLES.assign(content_hash="")
    told = table(articles, none, {**image, "problems": {}}, none, absent, matrix, absent)
    assert told["equal_image_as"].to_pylist() == ["a1", "a2", "a1", None, "a1"]
    assert told["image_row"].to_pylist() == [0, 1, 2, None, 3]
    assert told["equal_text_as"].null_count == told["equal_fused_as"].null_count == 5


def test_equal_contents_are_one_and_goods_alone_are_neighbours() -> None:
    """a1 and a2 are one content, a4 has no vector, a5 is no merchandise: a3 and {a1, a2} are left."""
    matrix = unit(np.array([[1, 0], [1, 0], [3, 1], [1, 1]]))
    facts = {"has_vector": np.array([True, True, True, False, True])}
    space = distinct_contents(ARTICLES, matrix, facts)
    assert isinstance(space, Space)
    assert space.first.tolist() == [0, 2]
    neighbours = find_neighbours(space, Absent("exact"), params(top=2))
    none = Absent("no images")
    listed = similar_articles(ARTICLES, space, none, none, neighbours, none, none).to_pylist()
    told = [(r["article_id"], r["rank"], r["similar_article_id"], r["same_product_code"]) for r in listed]
    assert told == [("a1", 1, "a3", True), ("a2", 1, "a3", False), ("a3", 1, "a1", True)]
    assert {round(r["cosine"], 6) for r in listed} == {round(3 / 10**0.5, 6)}
