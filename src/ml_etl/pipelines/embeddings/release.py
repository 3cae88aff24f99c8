"""The last steps: measure what was written, verify it, describe it, ask for its release."""

from dataclasses import asdict
from typing import Any

import ibis.expr.types as ir
import numpy as np
from ibis import _
from scipy.sparse import csr_matrix

from ml_etl.absent import Absent
from ml_etl.contracts import tables
from ml_etl.errors import ContractError
from ml_etl.pipelines.embeddings import contracts
from ml_etl.pipelines.embeddings.articles import SPACES
from ml_etl.pipelines.embeddings.params import EmbeddingsParams
from ml_etl.plan import Plan, ReleaseRequest

ARTEFACTS = (
    "embeddings",
    "similar_articles",
    "drift",
    "tfidf",
    "tfidf_vocabulary",
    *SPACES,
    *(f"{space}_index" for space in SPACES),
    "quality",
    "text_map",
    "card",
)
_WRITTEN = {contract.table: contract for contract in contracts.RELEASED}
_UNIT = 1e-4


def quality(
    text: dict[str, Any],
    image: dict[str, Any],
    fused: dict[str, Any],
    honest: dict[str, Any],
    bought: dict[str, Any],
    across: dict[str, Any],
    moved: dict[str, Any],
) -> dict[str, Any]:
    """All measures, by space."""
    return {
        "text": {**text, **honest, **bought},
        "image": {**image, **across},
        "fused": fused,
        "drift": moved,
    }


def measure(embeddings: ir.Table, similar: ir.Table, drift: ir.Table) -> dict[str, ir.Table]:
    """One-row tables to run: per written table its measures, and its repeated keys."""
    counts = {space: _[f"{space}_row"].count() for space in SPACES}
    last = {f"{space}_last": _[f"{space}_row"].max() for space in SPACES}
    problems = {f"{kind}_problems": _[f"{kind}_problem"].count() for kind in ("text", "image")}
    sums = {"embeddings": {**counts, **last, **problems}}
    return tables.measures(_WRITTEN, (embeddings, similar, drift), sums)


def verify(
    measured: dict[str, dict[str, Any]],
    text: np.ndarray,
    image: np.ndarray | Absent,
    fused: np.ndarray | Absent,
    words: csr_matrix,
    plan: Plan,
    params: EmbeddingsParams,
) -> dict[str, Any]:
    """The checks that were passed.

    Raises:
        ContractError: a rule is broken, a matrix is not what the table says, or most of the rows have gone.
    """
    passed = tables.verify_all(_WRITTEN, measured)
    main = measured["embeddings"]
    for space, matrix in zip(SPACES, (text, image, fused), strict=True):
        _verify_matrix(space, matrix, main)
    if words.shape[0] != main["rows"]:
        raise ContractError(f"embeddings: rows of tfidf: expected {main['rows']}, came {words.shape[0]}.")
    tables.enough(plan, main["rows"], params.min_share_of_previous)
    return {
        "contracts": passed,
        "rows": {name: measured[name]["rows"] for name in _WRITTEN},
        "vectors": {space: main[space] for space in SPACES},
        "problems": {kind: main[f"{kind}_problems"] for kind in ("text", "image")},
    }


def _verify_matrix(space: str, matrix: np.ndarray | Absent, told: dict[str, Any]) -> None:
    """Rows as the table counts them, all of them finite and of unit length."""
    rows = 0 if isinstance(matrix, Absent) else len(matrix)
    if rows != told[space] or rows != (-1 if told[f"{space}_last"] is None else told[f"{space}_last"]) + 1:
        raise ContractError(f"embeddings: rows of {space}: the table tells {told[space]}, came {rows}.")
    if isinstance(matrix, Absent):
        return
    lengths = np.linalg.norm(matrix, axis=1)
    if bad := int((~(np.abs(lengths - 1) < _UNIT)).sum()):
        raise ContractError(
            f"embeddings: {bad:,} of {rows:,} rows of {space} are not finite and of unit length; expected 0. "
            f"First: row {int(np.flatnonzero(~(np.abs(lengths - 1) < _UNIT))[0])}. Look at the encoder."
        )


def card(
    checks: dict[str, Any],
    text_facts: dict[str, Any],
    image_facts: dict[str, Any],
    index_facts: dict[str, str],
    params: EmbeddingsParams,
) -> dict[str, Any]:
    """What a reader should know beside the columns: each space's model, rows and index."""
    facts = {"text": text_facts, "image": image_facts}
    spaces = {name: _told(facts[name], checks["vectors"][name]) for name in facts}
    fused = "text_weight × text beside image_weight × image, of unit length"
    spaces["fused"] = {"rows": checks["vectors"]["fused"], "made_of": fused, **params.fused.model_dump()}
    return {
        "summary": f"{checks['rows']['embeddings']:,} articles; vectors: "
        + ", ".join(f"{name} {rows:,}" for name, rows in checks["vectors"].items()),
        "spaces": spaces,
        "index": index_facts,
        "problems": checks["problems"],
        "digits_of_cosines": 6,
    }


def index_facts(text: Any, image: Any, fused: Any) -> dict[str, str]:
    """Per space how it is searched."""
    found = dict(zip(SPACES, (text, image, fused), strict=True))
    return {space: i.reason if isinstance(i, Absent) else "usearch HNSW" for space, i in found.items()}


def _told(facts: dict[str, Any], rows: int) -> dict[str, Any]:
    if "card" not in facts:
        return {"rows": 0, "absent": facts["absent"].reason}
    return {"rows": rows, **asdict(facts["card"])}


def request(checks: dict[str, Any], plan: Plan, *artefacts: Any) -> ReleaseRequest:
    """Ask for the release; needs every artefact, so that a run in part never releases."""
    return ReleaseRequest(plan, ARTEFACTS, checks)
