"""Which words of a text a query named."""

import re

_WORD = re.compile(r"\w+")
_COMMON = frozenset(
    [
        *("a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "from", "had", "has", "have", "i"),
        *("in", "is", "it", "its", "my", "no", "not", "of", "on", "or", "she", "so", "that", "the", "them"),
        *("their", "they", "this", "to", "too", "very", "was", "we", "were", "with", "you", "your"),
    ]
)
_ENDINGS = ("ing", "ies", "es", "ed", "er", "s", "y", "e")
_SHORTEST = 3


def matched_words(query: str, text: str) -> tuple[str, ...]:
    """The query's words that the text has, as the text writes them, each once, whatever their endings."""
    asked = {_stem(word) for word in _WORD.findall(query.lower()) if word not in _COMMON}
    found = {word.lower(): word for word in _WORD.findall(text) if _stem(word.lower()) in asked}
    return tuple(found.values())


def _stem(word: str) -> str:
    """English endings off, as far as three letters stay; enough to mark words, too little for an index."""
    for ending in _ENDINGS:
        if word.endswith(ending) and not word.endswith("ss") and len(word) - len(ending) >= _SHORTEST:
            return word[: -len(ending)]
    return word
