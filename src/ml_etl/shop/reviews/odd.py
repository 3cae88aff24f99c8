"""What is odd in real reviews, in the shares it is met: nothing written, a word or two, copied texts, other
languages, spam, contacts that should not be there."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ml_etl.shop.reviews import compose
from ml_etl.shop.reviews.draws import Draws
from ml_etl.shop.reviews.words import CONTACTS, NAMES, OTHER_LANGUAGES, SPAM, Words

_NO_TITLE, _NO_TEXT = 0.16, 0.035
_SHORT, _COPIED, _FOREIGN, _SPAM, _CONTACT, _LOWER = 0.04, 0.012, 0.006, 0.005, 0.006, 0.08
_COPIES = 40
"""So many texts are what copied reviews are copied from, per mood."""


def with_odd_texts(rows: compose.Rows, words: Words) -> pa.Table:
    """title and review_text of rows, odd ones among them."""
    text = compose.texts(rows, words)
    text = _where(_lot(rows, "copied", _COPIED), compose.texts(_copied(rows), words), text)
    text = _where(_lot(rows, "short", _SHORT), compose.short_texts(rows, words), text)
    for language, sided in OTHER_LANGUAGES.items():
        foreign = _foreign(rows, sided.good, sided.bad)
        text = _where(_lot(rows, language, _FOREIGN / len(OTHER_LANGUAGES)), foreign, text)
    text = _where(_lot(rows, "spam", _SPAM), compose.pick(SPAM, rows.draws, "which spam"), text)
    contact = pc.binary_join_element_wise(text, _contact(rows.draws), " ")
    text = _where(_lot(rows, "contact", _CONTACT), contact, text)
    text = _where(_lot(rows, "lower", _LOWER), pc.utf8_lower(text), text)
    title = _where(_lot(rows, "no title", _NO_TITLE), None, compose.titles(rows, words))
    return pa.table({"title": title, "review_text": _where(_lot(rows, "no text", _NO_TEXT), None, text)})


def _lot(rows: compose.Rows, name: str, share: float) -> pa.Array:
    return pa.array(rows.draws.uniform(f"odd {name}") < share)


def _where(rows: pa.Array, then: pa.Array | None, otherwise: pa.Array) -> pa.Array:
    return pc.if_else(rows, pa.scalar(None, pa.string()) if then is None else then, otherwise)


def _copied(rows: compose.Rows) -> compose.Rows:
    """The same rows, written as one of a few: what they are about is left open."""
    few = Draws(rows.draws.below("copied from", _COPIES).astype(np.uint64))
    nouns = pa.array(["product"] * len(rows.mood), pa.string())
    pleases = np.repeat((rows.mood >= 3)[:, None], rows.pleases.shape[1], axis=1)
    return compose.Rows(few, rows.mood, nouns, pleases)


def _foreign(rows: compose.Rows, good: tuple[str, ...], bad: tuple[str, ...]) -> pa.Array:
    """Three sentences in one order, beginning anywhere."""
    sides = []
    for bank in (good, bad):
        at, sentences = rows.draws.below("foreign", len(bank)), pa.array(bank, pa.string())
        three = [sentences.take(pa.array((at + turn) % len(bank))) for turn in range(3)]
        sides.append(pc.binary_join_element_wise(*three, " "))
    return pc.if_else(pa.array(rows.mood >= 3), *sides)


def _contact(draws: Draws) -> pa.Array:
    """A sentence with a made-up e-mail address or phone number: example.com and 555-01xx reach nobody."""
    number = pa.array([f"{n:02}" for n in draws.below("number", 100)], pa.string())
    mail = pc.binary_join_element_wise(compose.pick(NAMES, draws, "name"), number, "@example.com", "")
    phone = pc.binary_join_element_wise("(614) 555-01", number, "")
    text = compose.pick(CONTACTS, draws, "contact")
    for hole, value in (("{mail}", mail), ("{phone}", phone)):
        text = compose.filled(text, hole, value)
    return text
