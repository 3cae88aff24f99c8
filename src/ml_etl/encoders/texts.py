"""Texts as an encoder takes them: what is asked, cleaned, and why some of it can't be encoded."""

import math
import re
from collections.abc import Sequence
from typing import Any

from ml_etl.encoders.encode import Contents

VERSION = "text-1"
"""Changes when the cleaning does: it is part of the key of every vector."""

CHARACTERS_PER_TOKEN = 100
"""How much of a text is looked at, per token of the model's window: no word of more characters than this
has a token of its own, so that what is cut is beyond any window."""

PROBE = [
    "A red cotton dress for summer evenings.",
    "Waterproof hiking boots with a firm sole, size 42.",
    "milk",
    "Too small around the waist, but the fabric feels soft and warm; I sent it back after a week.",
    "Herrenhemd aus Leinen, blau gestreift, 100 % Leinen",
    "14.5 OZ 2 PK",
    "😀 ¡Qué bonito! Это платье мне не подошло",
    "Jersey top with long sleeves. " * 20,
]
"""Short and long, plain and odd: what bfloat16 must agree with float32 on."""

_UNFIT = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT = "�"


def contents_of(items: Sequence[Any], window: int) -> Contents:
    """Clean texts and their bytes; items that are null, no text, or empty are problems.

    NUL and lone surrogates become U+FFFD, blanks around the text go, and no more is kept than a window of
    `window` tokens can hold.
    """
    values: list[str | None] = []
    problems: dict[int, str] = {}
    longest, cut = CHARACTERS_PER_TOKEN * window, 0
    for position, item in enumerate(items):
        text = cleaned(item, longest) if isinstance(item, str) else None
        values.append(text or None)
        cut += isinstance(item, str) and len(item) > longest
        if not text:
            problems[position] = _reason(item)
    encoded = [None if text is None else text.encode() for text in values]
    return Contents(values, encoded, problems, {"cut": cut})


def cleaned(text: str, longest: int) -> str:
    """The text as it is encoded: at most `longest` characters."""
    head = text[: longest + 1].strip() if len(text) > longest else text.strip()
    return _UNFIT.sub(_REPLACEMENT, head[:longest].rstrip())


def _reason(item: Any) -> str:
    if isinstance(item, str):
        return "empty text"
    if item is None or type(item).__name__ == "NAType" or (isinstance(item, float) and math.isnan(item)):
        return "no text (null)"
    return f"not a text but {type(item).__name__}"
