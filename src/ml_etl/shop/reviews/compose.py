"""From moods and banks of sentences to texts, all rows of a sentence at once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ml_etl.shop.reviews.draws import Draws
from ml_etl.shop.reviews.words import LEADS, TAILS, Bank, Sided, Words

_MEDIAN_SENTENCES, _SPREAD = 6.6, 0.6
"""Lognormal number of sentences: with some ten words each, a median of 59 words and a long tail."""
_OTHERS = 5
"""Slots of a text before the second turn of its aspects, beside those of the first."""


@dataclass(frozen=True)
class Rows:
    """What a text is written from: draws, moods 1-5, what was bought, and which aspects please.

    `pleases` is bool, rows × aspects of the words, in their order.
    """

    draws: Draws
    mood: np.ndarray
    noun: pa.Array
    pleases: np.ndarray


def texts(rows: Rows, words: Words) -> pa.Array:
    """One text per row: as many sentences as the row draws, in an order people write in."""
    sentences = _sentences(rows, words)
    chosen = _chosen(rows.draws, len(sentences), len(words.aspects))
    kept = [pc.if_else(pa.array(chosen[:, slot]), text, None) for slot, text in enumerate(sentences)]
    return pc.binary_join_element_wise(*kept, " ", null_handling="skip")


def titles(rows: Rows, words: Words) -> pa.Array:
    """One title per row."""
    return _capital(filled(_by_mood(rows, words.titles, "title"), "{noun}", rows.noun))


def short_texts(rows: Rows, words: Words) -> pa.Array:
    """One text of a few words per row."""
    return _by_mood(rows, words.short, "short")


def pick(bank: Bank, draws: Draws, name: str) -> pa.Array:
    """One string of the bank per row."""
    return pa.array(bank, pa.string()).take(pa.array(draws.below(name, len(bank))))


def filled(text: pa.Array, hole: str, value: pa.Array) -> pa.Array:
    """The text with the row's value in the hole, where it has one."""
    before = pc.replace_substring_regex(text, re.escape(hole) + ".*$", "")
    after = pc.replace_substring_regex(text, "^.*" + re.escape(hole), "")
    joined = pc.binary_join_element_wise(before, value, after, "")
    return pc.if_else(pc.match_substring(text, hole), joined, text)


def _sentences(rows: Rows, words: Words) -> list[pa.Array]:
    """Every sentence a text can have, in order; the second is the verdict, which all have."""
    draws = rows.draws
    happy = (rows.mood > 3) | ((rows.mood == 3) & (draws.uniform("side") < 0.5))
    aspects = _aspects(rows, words)
    opinions = {1, 2, 3, 5, 7, *range(9, 4 + len(aspects))}
    parts = [
        pick(words.openings, draws, "opening"),
        _by_mood(rows, words.verdicts, "verdict"),
        aspects[0],
        aspects[1],
        pick(words.usage, draws, "usage"),
        aspects[2],
        _by_side(draws, words.people, happy, "people"),
        aspects[3],
        _by_side(draws, words.comparisons, happy, "comparison"),
        *aspects[4:],
        _by_side(draws, words.recommendations, happy, "recommendation"),
        pick(words.closings, draws, "closing"),
    ]
    return [_sentence(part, rows, slot, slot in opinions) for slot, part in enumerate(parts)]


def _aspects(rows: Rows, words: Words) -> list[pa.Array]:
    """The aspects' sentences in an order of each row's own, then, for long texts, a second one of each."""
    names = list(words.aspects)
    order = np.argsort(np.stack([rows.draws.uniform(f"order {n}") for n in names], axis=1), axis=1)
    found = []
    for turn in ("", " again"):
        own = [
            _by_side(rows.draws, words.aspects[name], rows.pleases[:, i], f"aspect {name}", turn)
            for i, name in enumerate(names)
        ]
        found += [pc.choose(pa.array(order[:, position]), *own) for position in range(len(names))]
    return found


def _by_side(draws: Draws, sided: Sided, good: np.ndarray, name: str, turn: str = "") -> pa.Array:
    """Praise where `good`, else complaint; a second turn never says the same again."""
    picked = []
    for side, bank in (("good", sided.good), ("bad", sided.bad)):
        at = draws.below(f"{name} {side}", len(bank))
        step = 1 + draws.below(f"{name} {side}{turn}", len(bank) - 1) if turn else 0
        picked.append(pa.array(bank, pa.string()).take(pa.array((at + step) % len(bank))))
    return pc.if_else(pa.array(good), *picked)


def _by_mood(rows: Rows, banks: Mapping[int, Bank], name: str) -> pa.Array:
    picked = [pick(banks[stars], rows.draws, f"{name} {stars}") for stars in (1, 2, 3, 4, 5)]
    return pc.choose(pa.array(rows.mood - 1), *picked)


def _sentence(claim: pa.Array, rows: Rows, slot: int, opinion: bool) -> pa.Array:
    """With a capital and a full stop or more; an opinion with something before or after it now and then."""
    text = filled(claim, "{noun}", rows.noun)
    if opinion:
        lead, tail = pick(LEADS, rows.draws, f"lead {slot}"), pick(TAILS, rows.draws, f"tail {slot}")
        text = pc.binary_join_element_wise(lead, text, tail, "")
    loud = (rows.draws.uniform(f"end {slot}") < 0.12) & (rows.mood != 3)
    return pc.binary_join_element_wise(_capital(text), pc.if_else(pa.array(loud), "!", "."), "")


def _capital(text: pa.Array) -> pa.Array:
    """The first letter a capital, the others as they are."""
    first = pc.utf8_upper(pc.utf8_slice_codeunits(text, 0, 1))
    return pc.binary_join_element_wise(first, pc.utf8_slice_codeunits(text, 1), "")


def _chosen(draws: Draws, slots: int, aspects: int) -> np.ndarray:
    """bool, rows × slots: as many as each row draws, the verdict always, the others by lot."""
    wanted = np.exp(np.log(_MEDIAN_SENTENCES) + _SPREAD * draws.normal("length"))
    lots = np.stack([draws.uniform(f"slot {slot}") for slot in range(slots)], axis=1)
    lots[:, 1] = -1
    lots[:, _OTHERS + aspects : _OTHERS + 2 * aspects] += 1  # the second turn: only in long texts
    rank = np.argsort(np.argsort(lots, axis=1), axis=1)
    return rank < np.maximum(np.rint(wanted), 1)[:, None]
