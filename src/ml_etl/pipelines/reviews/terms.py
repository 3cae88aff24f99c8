"""How often each term is in each text: counted once per distinct text, in threads, and as numbers."""

import itertools
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ml_etl.processes import processors

_CHUNK = 25_000
"""Texts that are counted together: their terms are told apart once more when all counts come together."""


@dataclass(frozen=True)
class Counts:
    """CSR int32, texts × terms; terms in alphabetical order."""

    matrix: Any
    terms: list[str]


@dataclass(frozen=True)
class Wanted:
    """Which terms are kept: of 1 to `ngrams` words, in at least `min_texts` texts, the `limit` commonest; of
    equally common ones those first in the alphabet. No word has a space, or a character that comes before it.
    """

    token_pattern: str
    ngrams: int = 1
    min_texts: int = 1
    limit: int | None = None


@dataclass(frozen=True)
class _Part:
    """Counts of some texts (CSR, texts × terms): terms by the numbers of their words (terms × `ngrams`, −1
    after the last one), and the words."""

    matrix: Any
    terms: np.ndarray
    words: np.ndarray


def count(texts: Sequence[str], wanted: Wanted) -> Counts:
    """The counts of every text's terms; a text without a term has an empty row."""
    from scipy.sparse import vstack

    rows, distinct = pd.factorize(np.asarray(texts, dtype=object))
    chunks = np.split(distinct, range(_CHUNK, len(distinct), _CHUNK))
    with ThreadPoolExecutor(processors()) as pool:
        parts = list(pool.map(lambda chunk: _count(chunk, wanted), chunks))
    words, places = _alphabetical([part.words for part in parts])
    runs = [_renumbered(part.terms, own) for part, own in zip(parts, places, strict=True)]
    terms, columns = _told_apart(runs)
    width = len(terms)
    matrix = vstack([_renamed(p.matrix, own, width) for p, own in zip(parts, columns, strict=True)], "csr")
    kept = _kept(matrix, np.bincount(rows, minlength=len(distinct)), terms, wanted)
    chosen = _renamed(matrix, _places(kept, width), len(kept))[rows]
    chosen.sort_indices()
    return Counts(chosen, [" ".join(words[n] for n in term if n >= 0) for term in terms[kept].tolist()])


def _count(texts: np.ndarray, wanted: Wanted) -> _Part:
    from scipy.sparse import coo_matrix, hstack

    text, number, words = _words(texts, wanted.token_pattern)
    counts, terms = [], []
    for rows, columns, run in _runs(text, number, len(words), wanted.ngrams):
        ones = np.ones(len(rows), np.int32)
        counts.append(coo_matrix((ones, (rows, columns)), (len(texts), len(run))).tocsr())
        terms.append(np.pad(run, ((0, 0), (0, wanted.ngrams - run.shape[1])), constant_values=-1))
    return _Part(hstack(counts, "csr"), np.concatenate(terms), words)


def _words(texts: np.ndarray, token_pattern: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every word in order, its text (int32) and its number (int64); and the words by number.

    What stands between spaces is told apart first, and each distinct piece searched once.
    """
    split = pc.split_pattern(pa.array(texts, pa.string()), " ")
    coded = split.flatten().dictionary_encode()
    found = list(map(re.compile(token_pattern).findall, coded.dictionary.to_pylist()))
    every = np.empty(sum(map(len, found)), dtype=object)
    every[:] = list(itertools.chain.from_iterable(found))
    number, words = pd.factorize(every)
    length = np.fromiter(map(len, found), np.int64, len(found))
    piece = coded.indices.to_numpy()
    text = np.repeat(np.arange(len(texts), dtype=np.int32), split.value_lengths().to_numpy())
    return np.repeat(text, length[piece]), number[_ranges(np.cumsum(length) - length, length, piece)], words


def _ranges(start: np.ndarray, length: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """The places start, start + 1, … of each of the chosen ranges, one range after the other."""
    if (length == 1).all():
        return start[chosen]
    ends = np.cumsum(length[chosen])
    within = np.arange(ends[-1]) - np.repeat(ends - length[chosen], length[chosen])
    return np.repeat(start[chosen], length[chosen]) + within


def _runs(
    text: np.ndarray, number: np.ndarray, vocabulary: int, ngrams: int
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Runs of 1, 2, … words of one text: per length, the text and the number of each, and by number the words
    (runs × length)."""
    start, run, spelled = np.arange(len(number)), number, np.arange(vocabulary)[:, None]
    yield text, run, spelled
    beyond = np.append(text, np.full(ngrams, -1, text.dtype))
    for length in range(2, ngrams + 1):
        fits = beyond[start + length - 1] == beyond[start]
        start, run = start[fits], run[fits]
        run, found = pd.factorize(run * vocabulary + number[start + length - 1])
        before, last = np.divmod(found, max(vocabulary, 1))
        spelled = np.column_stack([spelled[before], last])
        yield text[start], run, spelled


def _alphabetical(words: list[np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
    """All words, sorted, and for each part the places of its own among them."""
    number, known = pd.factorize(np.concatenate(words))
    order = np.argsort(known, kind="stable")
    return known[order], _by_part(np.argsort(order)[number], words)


def _renumbered(runs: np.ndarray, places: np.ndarray) -> np.ndarray:
    return np.append(places, -1)[runs]


def _told_apart(terms: list[np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
    """All terms, each once, and for each part the places of its own among them."""
    every = np.concatenate(terms)
    number = np.zeros(len(every), np.int64)
    for column in every.T:
        number, _ = pd.factorize(number * (every.max(initial=0) + 2) + column + 1)
    return every[np.unique(number, return_index=True)[1]], _by_part(number, terms)


def _by_part(values: np.ndarray, parts: list[np.ndarray]) -> list[np.ndarray]:
    return np.split(values, np.cumsum([len(part) for part in parts])[:-1])


def _kept(matrix: Any, copies: np.ndarray, terms: np.ndarray, wanted: Wanted) -> np.ndarray:
    """The columns that are kept, their terms in alphabetical order; row i stands for so many equal texts."""
    from scipy.sparse import csr_matrix

    once = csr_matrix((np.ones_like(matrix.data), matrix.indices, matrix.indptr), matrix.shape)
    common = np.flatnonzero(once.T @ copies >= wanted.min_texts)
    alphabetical = common[np.lexsort(terms[common].T[::-1])]
    if wanted.limit is None or len(common) <= wanted.limit:
        return alphabetical
    times = matrix.T @ copies
    best = np.argsort(-times[alphabetical], kind="stable")[: wanted.limit]
    return alphabetical[np.sort(best)]


def _places(kept: np.ndarray, columns: int) -> np.ndarray:
    """int32 per column: its place among those that are kept, −1 for the others."""
    places = np.full(columns, -1, np.int32)
    places[kept] = np.arange(len(kept), dtype=np.int32)
    return places


def _renamed(matrix: Any, columns: np.ndarray, width: int) -> Any:
    """The matrix with these columns in place of its own, and without those that are −1."""
    from scipy.sparse import csr_matrix

    named = columns[matrix.indices]
    there = named >= 0
    if there.all():
        return csr_matrix((matrix.data, named, matrix.indptr), shape=(matrix.shape[0], width))
    indptr = np.append(0, np.cumsum(there, dtype=np.int64))[matrix.indptr]
    return csr_matrix((matrix.data[there], named[there], indptr), shape=(matrix.shape[0], width))
