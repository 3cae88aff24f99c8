"""Languages of many texts at once, by py3langid's model.

Each text has the language that the library's `classify` says, unless the first six digits of two languages'
scores are equal: sums are added up in another order.

The model is naive Bayes over sequences of bytes, which a table of states finds (Lui and Baldwin 2012). The
library goes through a text byte by byte in Python; here one step is taken in all texts together.
"""

import functools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_LATIN = """
ace af an az bcl br bs ca crh cs cy da de en eo es et eu ext fi fo fr fuv fy ga gcf gcr gd gl gug guw ha hr ht
hu id ig is it jv kab kik ku la lb lg lij ln lt ltg lv mg ms mt nl nn no nso oc om pcm pl pt qu ro rw se sk sl
sn so sq st sv sw tk tl tr uz uzs vec vi vo wa xh yo zu zxx
"""
_OTHERS = """
am ar ary arz as ba be bg bn dz el fa gom grc gu hbo he hi hy ja ka kk km kn ko ky lo mk ml mn mr my ne or pa
ps ru sa sdh si sr ta te tg th tt ug uk ur wuu yue zh
"""
IN_LATIN, IN_OTHERS = frozenset(_LATIN.split()), frozenset(_OTHERS.split())
"""The languages that the model knows, by whether they are written in Latin letters."""

_LETTERS = re.compile(r"[a-zA-Z]")


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


def mostly_latin(text: str) -> bool:
    """Whether more than half of its letters are Latin; not of a text without letters."""
    if text.isascii():
        return _LETTERS.search(text) is not None
    letters = [sign for sign in text if sign.isalpha()]
    return 2 * sum("LATIN" in unicodedata.name(letter, "") for letter in letters) > len(letters)


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
