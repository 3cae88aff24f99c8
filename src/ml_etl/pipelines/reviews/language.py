"""Languages of many texts at once, by py3langid's model.

Each text has the language that the library's `classify` says, unless the first six digits of two languages'
scores are equal: sums are added up in another order.

The model is naive Bayes over sequences of bytes, which a table of states finds (Lui and Baldwin 2012). The
library goes through a text byte by byte in Python; here one step is taken in all texts together.
"""

import functools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Model:
    """A table of states, and what each says for a language.

    next: state after row · 256 + byte; row: of each state; feature: that a state has found, −1 for none;
    weights: features × labels; prior: of each label.
    """

    next: np.ndarray
    row: np.ndarray
    feature: np.ndarray
    weights: np.ndarray
    prior: np.ndarray
    labels: np.ndarray


def languages_of(texts: Sequence[str], candidates: tuple[str, ...]) -> list[str]:
    """The likeliest of the candidates for each text."""
    from scipy.sparse import coo_matrix

    model = _model(candidates)
    text, feature = _found([_encoded(text) for text in texts], model)
    shape = (len(texts), len(model.weights))
    found = coo_matrix((np.ones(len(text), np.float32), (text, feature)), shape).tocsr()  # adds up
    likely = found.log1p() @ model.weights + model.prior * (np.diff(found.indptr) > 0)[:, None]
    return model.labels[likely.argmax(axis=1)].tolist()


def _encoded(text: str) -> bytes:
    """As the model was trained: shouting is no language of its own."""
    plain = text.lower() if text.isupper() else text
    return unicodedata.normalize("NFC", plain).encode("utf-8", errors="surrogatepass")


def _found(texts: Sequence[bytes], model: Model) -> tuple[np.ndarray, np.ndarray]:
    """Every feature found: in which text, and which. In memory all texts have the bytes of the longest."""
    by_length = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
    length = np.array([len(texts[place]) for place in by_length])
    width = int(length.max(initial=0))
    letters = np.frombuffer(b"".join(texts[place].ljust(width) for place in by_length), np.uint8)
    letters = np.ascontiguousarray(letters.reshape(len(texts), width).T)
    state, none = np.zeros(len(texts), np.int64), np.empty(0, np.int64)
    rows, features = [none], [none]
    for step in range(width):
        state = state[: np.count_nonzero(length > step)]  # the texts that are not at their end
        state = model.next[model.row[state] * 256 + letters[step, : len(state)]].astype(np.int64)
        feature = model.feature[state]
        told = np.flatnonzero(feature >= 0)
        rows.append(told)
        features.append(feature[told])
    places = np.array(by_length, np.int64)
    return places[np.concatenate(rows)], np.concatenate(features)


@functools.cache
def _model(candidates: tuple[str, ...]) -> Model:
    from py3langid import langid

    whole = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE)
    whole.set_languages(list(candidates))
    return Model(
        next=np.asarray(whole.tk_nextmove),
        row=np.asarray(whole.tk_row).astype(np.int64),
        feature=np.asarray(whole.tk_output),
        weights=np.asarray(whole.nb_ptc, np.float32),
        prior=np.asarray(whole.nb_pc, np.float32),
        labels=np.array(whole.nb_classes),
    )
