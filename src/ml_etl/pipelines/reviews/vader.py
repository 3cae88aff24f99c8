"""VADER (Hutto and Gilbert 2014) as its library has it, number for number, in half of the time."""

import functools
from typing import Any

_POSITIVE, _NEGATIVE = 0.05, -0.05
"""VADER's own bounds of its compound score."""
_WORDS = 100_000
"""Words that are remembered without the signs around them."""
_CONTEXTS = 100_000
"""Words before a judged one that are remembered with what they do to it."""


def vader(text: str) -> dict[str, float]:
    """VADER's neg, neu, pos and compound."""
    return _analyser().polarity_scores(text)


def label(compound: float) -> str:
    """positive, negative or neutral."""
    return "positive" if compound >= _POSITIVE else "negative" if compound <= _NEGATIVE else "neutral"


@functools.cache
def _analyser() -> Any:
    from vaderSentiment.vaderSentiment import BOOSTER_DICT, SentimentIntensityAnalyzer, SentiText

    class Said(SentiText):
        """A text's words, as the library reads them."""

        _strip_punc_if_word = staticmethod(functools.lru_cache(_WORDS)(SentiText._strip_punc_if_word))

    class Analyser(SentimentIntensityAnalyzer):
        """The library's rules, asked only where they can say something."""

        def polarity_scores(self, text: str) -> dict[str, float]:
            if not self.emojis.keys().isdisjoint(text):
                return super().polarity_scores(text)
            said = Said(text.strip())
            lower = [word.lower() for word in said.words_and_emoticons]
            values = [
                self._value(said, lower, i) if word in self.lexicon else 0 for i, word in enumerate(lower)
            ]
            if "but" in lower:
                values = self._but_check(said.words_and_emoticons, values)
            return self.score_valence(values, said.text)

        def _value(self, said: Said, lower: list[str], i: int) -> float:
            """Of a word of the lexicon; 0 where it only strengthens another."""
            if lower[i] in BOOSTER_DICT or lower[i : i + 2] == ["kind", "of"]:
                return 0
            return self.sentiment_valence(0, said, said.words_and_emoticons[i], i, [])[0]

        def _negation_check(self, valence: float, words: list[str], start_i: int, i: int) -> float:
            """The rule looks at these words alone, and multiplies."""
            return valence * _negation(tuple(words[i - 1 - start_i : i]))

        def _special_idioms_check(self, valence: float, words: list[str], i: int) -> float:
            """No idiom reaches further than three words back and two ahead."""
            first = max(i - 3, 0)
            return super()._special_idioms_check(valence, words[first : i + 3], i - first)

    @functools.lru_cache(_CONTEXTS)
    def _negation(before: tuple[str, ...]) -> float:
        far = len(before) - 1
        return SentimentIntensityAnalyzer._negation_check(1.0, before, far, far + 1)

    return Analyser()
