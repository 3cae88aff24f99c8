"""Articles by meaning: a query's vector against those of a release of embeddings."""

import time
from typing import Any

import numpy as np

from ml_etl.absent import Absent
from ml_etl.embeddings import similar
from ml_etl.encoders import encoder_of
from ml_etl.errors import UsageError
from ml_etl.search.fusion import reciprocal_rank_fusion
from ml_etl.search.hits import Found, Hit
from ml_etl.search.words import matched_words
from ml_etl.store.reader import ReleasedDataset, released

_SPARE = 5
"""So many times more are looked at than shown: articles of equal contents are shown once."""


def search_articles(query: str, top: int = 10, space: str | None = None, env: str | None = None) -> Found:
    """The articles of the merchandise nearest to a text, in the text space, the image space, or both fused.

    Without `space` both are asked where the release has both. Seconds count after the models are loaded.

    Raises:
        UsageError: nothing is released, or the release has no such space.
    """
    release = released("embeddings", env=env)
    spaces: list[str] = [space] if space else [s for s in ("text", "image") if s in release.artefacts]
    queries = {name: _query_vector(query, name, release) for name in spaces}
    began = time.perf_counter()
    rankings = {name: _nearest(release, name, vector, top) for name, vector in queries.items()}
    if len(rankings) == 1:
        best = rankings[spaces[0]][:top]
    else:
        best = reciprocal_rank_fusion([[i for i, _ in ranking] for ranking in rankings.values()])[:top]
    hits = _described(best, query, release, env)
    return Found(hits, _source(release, spaces), seconds=time.perf_counter() - began)


def like_article(article_id: str, top: int = 10, space: str = "text", env: str | None = None) -> Found:
    """The articles most similar to one, as the release lists them.

    Raises:
        UsageError: the release doesn't know the article, or it is no merchandise.
    """
    release = released("embeddings", env=env)
    began = time.perf_counter()
    rows = similar(release, article_id, space).limit(top).to_pandas()
    if rows.empty:
        raise UsageError(
            f"{article_id}: {release!r} lists nothing similar to it in the space {space}. Is it an article's "
            f"id, merchandise, and has it a vector there? `released('embeddings').read()` tells."
        )
    own = _texts(release, [article_id], env)[article_id]["text"]
    best = [*zip(rows["similar_article_id"], rows["cosine"].astype(float), strict=True)]
    hits = _described(best, own, release, env)
    source = f"{_source(release, [space])}, like {article_id}: {own}"
    return Found(hits, source, seconds=time.perf_counter() - began)


def _query_vector(query: str, space: str, release: ReleasedDataset) -> np.ndarray:
    card = release.read("card")["spaces"].get(space, {"absent": "no such space"})
    if "absent" in card or not card.get("rows"):
        have = ", ".join(s for s in ("text", "image") if s in release.artefacts)
        raise UsageError(f"embeddings {release.version} can't be asked in {space}; it has: {have}.")
    encoder: Any = encoder_of(card)
    if isinstance(encoder, Absent):
        raise UsageError(f"The model {card['model']} of the space {space} can't be had: {encoder.reason}.")
    ask = encoder.encode_text if space == "image" else encoder.encode
    found = ask([query])
    if found.problems:
        raise UsageError(f"The query can't be encoded: {found.problems[0]}. Say what is looked for in words.")
    return found.vectors[0]


def _nearest(release: ReleasedDataset, space: str, query: np.ndarray, top: int) -> list[tuple[str, float]]:
    """(article id, cosine) of distinct contents, best first; by the index where the release has one."""
    ids, rows = _goods(release, space)
    matrix = release.read(space)
    if f"{space}_index" in release.artefacts:
        found = release.read(f"{space}_index").search(query, top * _SPARE).keys
        everyone = release.read().order_by("article_id").select("article_id").to_pandas()["article_id"]
        wanted = everyone.iloc[np.asarray(found, np.int64)].to_numpy()
        place = dict(zip(ids, rows, strict=True))
        chosen = np.array([place[article] for article in wanted])
    else:
        chosen, wanted = rows, ids
    cosines = np.round(matrix[chosen] @ query, 6)
    order = np.lexsort((wanted, -cosines))[: top * _SPARE * 4]
    return _each_content_once([(wanted[n], float(cosines[n]), matrix[chosen[n]]) for n in order])


def _goods(release: ReleasedDataset, space: str) -> tuple[np.ndarray, np.ndarray]:
    """Ids of the merchandise with a vector, one per content where texts are equal, and their rows."""
    row = f"{space}_row"
    table = release.read()
    known = table.filter(table.is_merchandise & table[row].notnull())
    if space == "text":
        first = known.group_by("equal_text_as").aggregate(
            article_id=known.article_id.min(), row=known[row].min()
        )
        known, row = first, "row"
    frame = known.select("article_id", row=known[row]).to_pandas()
    return frame["article_id"].to_numpy(str), frame["row"].to_numpy(np.int64)


def _each_content_once(rows: list[tuple[str, float, np.ndarray]]) -> list[tuple[str, float]]:
    seen: set[bytes] = set()
    kept = []
    for article, cosine, vector in rows:
        content = vector.tobytes()
        if content not in seen:
            seen.add(content)
            kept.append((str(article), cosine))
    return kept


def _described(
    best: list[tuple[str, float]], query: str, release: ReleasedDataset, env: str | None
) -> list[Hit]:
    told = _texts(release, [article for article, _ in best], env)
    return [_hit(query, score, told[article]) for article, score in best]


def _hit(query: str, score: float, article: dict[str, Any]) -> Hit:
    text, more = article["text"], {"type": article["product_type_name"]}
    return Hit(article["article_id"], score, text, matched_words(query, text), more)


def _texts(release: ReleasedDataset, ids: list[str], env: str | None) -> dict[str, dict[str, Any]]:
    """What the very release of articles says that the vectors were made from."""
    version = release.manifest.inputs["releases"]["articles"]
    contents = released("articles", version=version, env=env).read("contents")
    rows = contents.filter(contents.article_id.isin(ids)).to_pyarrow().to_pylist()
    return {row["article_id"]: row for row in rows}


def _source(release: ReleasedDataset, spaces: list[str]) -> str:
    return f"articles by {' and '.join(spaces)}, {release.manifest.dataset} {release.version}"
