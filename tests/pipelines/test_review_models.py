"""What is read out of reviews: folds, TF-IDF, learned sentiment, aspects; against libraries and by hand."""

import datetime as dt
import math
import random
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from pydantic import ValidationError

from ml_etl.pipelines.reviews import terms, tfidf
from ml_etl.pipelines.reviews.aspects import find_aspects
from ml_etl.pipelines.reviews.clauses import clauses_of
from ml_etl.pipelines.reviews.folds import folds_of, trainable
from ml_etl.pipelines.reviews.keywords import bm25
from ml_etl.pipelines.reviews.language import IN_LATIN, IN_OTHERS, languages_of
from ml_etl.pipelines.reviews.learned import learn, rounded
from ml_etl.pipelines.reviews.params import ReviewsParams
from ml_etl.pipelines.reviews.quality import quality
from ml_etl.pipelines.reviews.reading import read_texts
from ml_etl.pipelines.reviews.terms import Wanted, count
from ml_etl.pipelines.reviews.vader import vader
from ml_etl.pipelines.reviews.vectors import first_rows, shards_of
from tests.conftest import PROJECT


def params(**changed: Any) -> ReviewsParams:
    """The project's own parameters, some of them changed; `learned__folds=2` reaches into a part."""
    given = yaml.safe_load((PROJECT / "conf/base/parameters/reviews.yml").read_text())["reviews"]
    for name, value in changed.items():
        part, _, key = name.rpartition("__")
        (given[part] if part else given)[key] = value
    return ReviewsParams(**given)


def texts(*rows: str, ratings: list[int] | None = None, articles: list[str] | None = None) -> pd.DataFrame:
    """Reviews r0, r1, … of these texts, as the nodes get them."""
    return pd.DataFrame(
        {
            "review_id": [f"r{n}" for n in range(len(rows))],
            "article_id": articles or [f"a{n}" for n in range(len(rows))],
            "rating": ratings or [5] * len(rows),
            "sentiment_text": list(rows),
            "text_clean": [row.lower() for row in rows],
            "word_count": [len(row.split()) for row in rows],
        }
    )


# -- folds


def test_folds_keep_articles_whole_and_are_even() -> None:
    articles = np.array(list("aaaabbbccd"))
    folds = folds_of(articles, 2)
    assert folds.tolist() == [0] * 4 + [1] * 3 + [1] * 2 + [0]  # a; b; c to the fuller gap; d
    assert np.bincount(folds).tolist() == [5, 5]


def test_folds_do_not_depend_on_the_order_of_reviews() -> None:
    rng = np.random.default_rng(3)
    articles = rng.integers(0, 40, 500).astype(str)
    order = rng.permutation(500)
    assert (folds_of(articles, 5)[order] == folds_of(articles[order], 5)).all()


def test_training_sees_neither_article_nor_text_of_the_fold() -> None:
    """Review 4 is of another article, but says what review 0 says."""
    folds = np.array([0, 0, 1, 1, 1])
    words = np.array([7, 8, 9, 10, 7])
    assert trainable(0, folds, words).tolist() == [False, False, True, True, False]
    assert trainable(1, folds, words).tolist() == [False, True, False, False, False]


def test_no_leak_on_many_random_reviews() -> None:
    rng = np.random.default_rng(4)
    articles, words = rng.integers(0, 60, 2000).astype(str), rng.integers(0, 300, 2000)
    folds = folds_of(articles, 5)
    for fold in range(5):
        inside, seen = folds == fold, trainable(fold, folds, words)
        assert seen.any()
        assert not set(articles[inside]) & set(articles[seen])
        assert not set(words[inside]) & set(words[seen])


# -- learned sentiment

_GOOD = ["love it", "great and lovely", "lovely soft great", "love great soft", "so great love"]
_BAD = ["awful thing", "broke and awful", "hate awful broke", "hate it broke", "so awful hate"]


def shop(copies: int = 12) -> pd.DataFrame:
    """Reviews of twelve articles: each says one good and one bad thing, its number in it."""
    said = [
        (f"{text} n{n}", 5 if side == "good" else 1, f"a{n}")
        for n in range(copies)
        for side, bank in (("good", _GOOD), ("bad", _BAD))
        for text in bank
    ]
    return texts(
        *(t for t, _r, _a in said), ratings=[r for _t, r, _a in said], articles=[a for *_x, a in said]
    )


def test_tfidf_is_scikit_learns() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    said = [*_GOOD, *_BAD, "love love love great"]
    counts = count(said, Wanted(tfidf.TOKEN, ngrams=2))
    ours = tfidf.weighted(counts.matrix, tfidf.idf(counts.matrix, 1))
    theirs = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=tfidf.TOKEN).fit(said)
    assert counts.terms == theirs.get_feature_names_out().tolist()
    np.testing.assert_allclose(ours.toarray(), theirs.transform(said).toarray(), rtol=1e-12)


def test_a_text_of_unknown_words_has_no_weight() -> None:
    counts = count(["love it", "", "love"], Wanted(tfidf.TOKEN, min_texts=2))
    weighted = tfidf.weighted(counts.matrix, tfidf.idf(counts.matrix, 2)).toarray()
    assert counts.terms == ["love"]
    assert weighted[:, 0].tolist() == [1.0, 0.0, 1.0]


def test_learned_sentiment_tells_good_from_bad_and_is_told_again_from_the_arrays() -> None:
    """Likelihoods once more in plain Python, from the released arrays and words alone."""
    frame = shop()
    table, arrays, about = learn(frame, params(learned__ngrams=1))
    assert about["models"] == ["fold 0", "fold 1", "fold 2", "fold 3", "fold 4", "all"]
    told = table.to_pandas().set_index("review_id")
    good = frame.set_index("review_id").rating == 5
    assert told.learned_sentiment[good].min() > 0.5 > told.learned_sentiment[~good].max()
    column = {term: n for n, term in enumerate(about["terms"])}
    for review, text in list(zip(frame.review_id, frame.text_clean, strict=True))[::7]:
        model = int(told.learned_fold[review])
        words = [w for w in text.split() if w in column]
        weights = {
            w: (1 + math.log(words.count(w))) * arrays["idf"][model, column[w]] for w in sorted(set(words))
        }
        length = math.sqrt(sum(weight**2 for weight in weights.values()))
        score = arrays["intercepts"][model] + sum(
            weight / length * arrays["coefficients"][model, column[w]] for w, weight in weights.items()
        )
        assert told.learned_sentiment[review] == pytest.approx(1 / (1 + math.exp(-score)), rel=1e-5)


def test_a_fold_knows_no_word_that_only_its_own_articles_use() -> None:
    """n3 is said of article a3 alone: no model that judges a3 may weigh it."""
    table, arrays, about = learn(shop(), params(learned__ngrams=1))
    for n in range(12):
        word = about["terms"].index(f"n{n}")
        fold = int(table["learned_fold"][n * 10].as_py())
        assert arrays["coefficients"][fold, word] == 0
        assert arrays["idf"][fold, word] == 0


def test_three_stars_and_no_stars_are_judged_but_not_learned_from() -> None:
    frame = shop()
    frame["rating"] = frame["rating"].astype(float)
    frame.loc[:3, "rating"] = [3.0, np.nan, 3.0, np.nan]
    table = learn(frame, params())[0].to_pandas()
    assert table.learned_sentiment.notna().all()


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (texts(), "two articles"),
        (texts("fine", "good", articles=["a", "a"]), "two articles"),
        (texts(*["good"] * 30, "bad", ratings=[5] * 30 + [1]), "of the rarer side"),
    ],
    ids=["nothing", "one article", "one bad review"],
)
def test_too_little_to_learn_from_says_so(frame: pd.DataFrame, why: str) -> None:
    table, arrays, about = learn(frame, params())
    assert table.num_rows == len(frame)
    assert table["learned_sentiment"].null_count == len(frame)
    assert why in about["not_fitted"]
    assert arrays["coefficients"].shape[0] == 0


def test_rounding_to_significant_digits() -> None:
    assert rounded(np.array([0.0, 1234.5678, -0.00012345678]), 4).tolist() == [0.0, 1235.0, -0.0001235]


# -- quality, against pairs counted one by one


def test_auc_and_balanced_accuracy_by_counting_pairs() -> None:
    rng = np.random.default_rng(5)
    rating = rng.choice([1, 2, 4, 5], 300, p=[0.1, 0.1, 0.2, 0.6])
    said = np.round(rng.normal(rating / 5, 0.5), 1)  # rounded, so that there are ties
    said[::17] = np.nan
    frame = pd.DataFrame({"rating": rating, "vader_compound": said, "learned_sentiment": np.nan})
    found = quality(frame)
    known = ~np.isnan(said)
    good, bad = said[known & (rating >= 4)], said[known & (rating <= 2)]
    won = sum((g > b) + 0.5 * (g == b) for g in good for b in bad)
    assert found["vader_compound"]["auc"] == round(won / (len(good) * len(bad)), 4)
    both = ((good >= 0.05).mean() + (bad < 0.05).mean()) / 2
    assert found["vader_compound"]["balanced_accuracy"] == round(both, 4)
    assert found["vader_compound"]["accuracy_always_positive"] == round(len(good) / known.sum(), 4)
    assert found["learned_sentiment"]["auc"] is None


# -- languages and VADER


def test_many_texts_have_the_languages_that_the_library_tells_one_by_one() -> None:
    """Of real sentences and of noise: signs of several bytes, none at all, accents apart, a broken sign."""
    from py3langid import langid

    candidates = ("de", "en", "es", "sr", "zh")
    library = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE)
    library.set_languages(list(candidates))
    chance = random.Random(5)
    noise = [
        "".join(chance.choices("aeÄßñéćшђ的是 XÉ.1\u0301\u0303", k=chance.randrange(30))) for _ in range(500)
    ]
    odd = [
        "",
        " ",
        "12.5",
        "\ud800",
        "e\u0301l nin\u0303o",
        "DAS IST GROß",
        "这是一个很好的产品",
        "ово је добро",
    ]
    said = [*_GOOD, *_BAD, *noise, *odd, "Das Kleid ist viel zu klein ausgefallen", "La talla es pequeña"]
    expected = [library.classify(text)[0] for text in said]
    assert languages_of(said, candidates) == expected
    assert set(expected) == set(candidates)
    assert languages_of([], candidates) == []


def test_vader_reads_english_as_written_and_nothing_else() -> None:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    frame = texts(
        "Love it!. The BEST milk I have ever had, really!!!",
        "Me encanta este producto y lo compro todas las semanas.",
        "Das Brot war trocken und hat uns gar nicht geschmeckt.",
        "",
        "Yummy!",
        "The bread was stale and the lid leaked all over my bag.",
    )
    read = read_texts(frame, params()).to_pylist()
    assert [row["language"] for row in read] == ["en", "es", "de", None, "en", "en"]
    expected = SentimentIntensityAnalyzer().polarity_scores(frame.sentiment_text[0])
    assert {name: read[0][f"vader_{name}"] for name in expected} == expected
    assert [row["vader_label"] for row in read] == ["positive", None, None, None, "positive", "negative"]
    assert read[3] == {"review_id": "r3", **dict.fromkeys(k for k in read[3] if k != "review_id")}


OTHER_SCRIPTS = {
    "这件衣服很好看，质量也不错，穿起来很舒服": None,
    "この服はとても素敵です。色もきれいで、サイズもぴったりでした。": None,
    "Очень хорошее платье, ткань мягкая и цвет красивый": None,
    "هذا الفستان جميل جدا والقماش ناعم للغاية": None,
    "😍😍😍😍 😍 😍 😍": None,
    "10 / 10 !!": None,
    "好看": None,
    "A lovely dress, its tag says 美しい服": "en",
    "Ça va très bien, le tissu est doux": "fr",
}


@pytest.mark.parametrize(("text", "language"), OTHER_SCRIPTS.items())
def test_no_text_is_taken_for_a_language_of_another_script(text: str, language: str | None) -> None:
    (read,) = read_texts(texts(text), params()).to_pylist()
    assert (read["language"], read["vader_compound"] is None) == (language, language != "en")


def test_languages_of_other_scripts_are_told_where_they_are_looked_for() -> None:
    chinese, _japanese, russian, *_rest = OTHER_SCRIPTS
    read = read_texts(
        texts(russian, chinese, ""), params(language__candidates=["en", "ru", "zh"], language__min_words=1)
    )
    assert read["language"].to_pylist() == ["ru", "zh", None]


def test_the_languages_that_may_be_looked_for_are_the_models() -> None:
    from py3langid import langid

    library = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE)
    assert set(library.nb_classes) == IN_LATIN | IN_OTHERS
    assert not IN_LATIN & IN_OTHERS
    for given in ({"language__candidates": ["en", "xx"]}, {"language__default": "english"}):
        with pytest.raises(ValidationError, match="no model knows"):
            params(**given)


def test_vader_says_what_the_library_says_of_all_its_rules() -> None:
    """Texts of the words its rules are about, in any order: they reach from three words back to two ahead."""
    from vaderSentiment import vaderSentiment

    library, chance = vaderSentiment.SentimentIntensityAnalyzer(), random.Random(5)
    idioms = [*vaderSentiment.SPECIAL_CASES, *vaderSentiment.BOOSTER_DICT, *vaderSentiment.NEGATE]
    rules = ["never", "so", "this", "without", "doubt", "at", "least", "no", "nor", "but", "kind", "of"]
    judged = chance.sample(sorted(library.lexicon), 300)
    signs = ["😀", "good😡", "💘!", ":)", "--", "sad...", "great?!?", "café"]
    for _ in range(3000):
        kinds = chance.choices((idioms, rules, judged, ["table", "dress"], signs), k=chance.randrange(14))
        words = [chance.choice(kind) for kind in kinds]
        text = " ".join(chance.choice((str.upper, str, str, str))(word) for word in words)
        assert vader(text) == library.polarity_scores(text), text


def test_processes_read_as_one_does() -> None:
    frame = texts(*[f"I {word} this number {n} very much" for n in range(30) for word in ("love", "hate")])
    apart = params(texts_per_process=20)
    assert read_texts(frame, apart).equals(read_texts(frame, params()))
    assert find_aspects(frame, apart).equals(find_aspects(frame, params()))


# -- clauses and aspects


def test_clauses_are_what_lies_between_breaks() -> None:
    """Of texts that are nearly all breaks, cut by one plain pattern."""
    between = r"[.!?;:]+(?=\s|$)|[\r\n]+|,?\s+(?=(?:but|however|although|though|yet|except)\b)"
    chance = random.Random(3)
    breaks = [" ", "  ", ", ", ",", "\n", "\r\n", ".", "!?", ";", "\t", "... ", "\u00a0"]
    words = ["a", "but", "BUT", "however", "yet", "Yeti", "except"]
    for _ in range(3000):
        text = "".join(chance.choice(chance.choice((breaks, words))) for _ in range(chance.randrange(12)))
        pieces = (piece.strip(" \t,-\u2013\u2014") for piece in re.split(between, text, flags=re.IGNORECASE))
        assert clauses_of([text]).text.to_pylist() == [piece for piece in pieces if piece], text


def test_clauses_stand_where_they_say() -> None:
    text = "Nice top, but the sleeves are long! Costs 5.50; worth it.\nWould buy again though I\u2019m tall"
    clauses = clauses_of([text, "", "  ...  "])
    found = clauses.text.to_pylist()
    assert found == [
        *("Nice top", "but the sleeves are long", "Costs 5.50", "worth it"),
        *("Would buy again", "though I\u2019m tall"),
    ]
    spans = zip(clauses.start, clauses.end, strict=True)
    assert [text[start:end] for start, end in spans] == found
    assert set(clauses.row.tolist()) == {0}


def opinions(kind: str, *rows: str) -> list[tuple[str, str, str | None]]:
    found = find_aspects(texts(*rows), params(shop_kind=kind)).to_pylist()
    return [(row["aspect"], row["polarity"], row["size"]) for row in found]


@pytest.mark.parametrize(
    ("said", "aspect", "polarity"),
    [
        ("It was delicious.", "taste", "positive"),
        ("It was not delicious at all.", "taste", "negative"),
        ("Far too salty for me.", "taste", "negative"),
        ("It is never too sweet.", "taste", "positive"),
        ("I love the flavor.", "taste", "positive"),  # no word of taste judges: the clause does
        ("The taste is horrible.", "taste", "negative"),
        ("It was stale the day I bought it.", "freshness", "negative"),
        ("The lid leaked.", "packaging", "negative"),
        ("It is overpriced.", "price", "negative"),
        ("Not worth the money.", "price", "negative"),
        ("I paid the regular price.", "price", "neutral"),
    ],
)
def test_grocery_aspects(said: str, aspect: str, polarity: str) -> None:
    assert (aspect, polarity) in {(a, p) for a, p, _size in opinions("grocery", said)}


@pytest.mark.parametrize(
    ("said", "size", "polarity"),
    [
        ("This runs small, order up.", "small", "negative"),
        ("Runs   LARGE on me", "large", "negative"),
        ("Fits true to size.", "true", "positive"),
        ("It was not too small.", None, None),
        ("The top was too small and the bottom too big.", None, None),
        ("My usual size is a medium.", None, "neutral"),
    ],
)
def test_fashion_sizes(said: str, size: str | None, polarity: str | None) -> None:
    found = [(s, p) for aspect, p, s in opinions("fashion", said) if aspect == "size"]
    assert found == ([(size, polarity)] if polarity else [])


@pytest.mark.parametrize(
    ("said", "aspect", "polarity"),
    [
        ("I wouldn't call it scratchy.", "fabric", "positive"),
        ("It hasn’t pilled at all.", "quality", "positive"),
        ("Shouldn't be this thin.", "fabric", "negative"),
        ("Never been so comfortable.", "comfort", "positive"),
        ("It couldn't be more comfortable.", "comfort", "positive"),
        ("It could not be more comfortable.", "comfort", "positive"),
        ("Not only soft, it is warm.", "fabric", "positive"),
        ("It is not soft.", "fabric", "negative"),
        ("Never comfortable.", "comfort", "negative"),
        ("This makes me look pregnant.", "fit", "negative"),
        ("It was huge on me.", "size", "negative"),
        ("Not worth the cost.", "price", "negative"),
        ("Looks like a costume.", "style", "negative"),
    ],
)
def test_fashion_aspects(said: str, aspect: str, polarity: str) -> None:
    assert (aspect, polarity) in {found[:2] for found in opinions("fashion", said)}


@pytest.mark.parametrize(
    ("said", "aspect"),
    [
        ("I am a huge fan of this brand.", "size"),
        ("Looks like a costume.", "price"),
        ("I wore it in Costa Rica.", "price"),
        ("I am 8 months pregnant and love it.", "fit"),
    ],
)
def test_plain_english_is_about_no_aspect(said: str, aspect: str) -> None:
    assert aspect not in {found[0] for found in opinions("fashion", said)}


def test_each_side_of_a_but_has_its_own_aspect() -> None:
    said = "The fabric is so soft, but it runs small and the color faded."
    assert opinions("fashion", said) == [
        ("fabric", "positive", None),
        ("colour", "negative", None),
        ("size", "negative", "small"),
    ]


def test_reviews_say_together_what_each_says_alone() -> None:
    rows = ("Runs small. Great price!", "Great price! True to size.", "Runs small; itchy wool", "Runs small.")
    alone = [opinion for row in rows for opinion in opinions("fashion", row)]
    assert len(set(alone)) > 2
    assert opinions("fashion", *rows) == alone


def test_spans_point_at_the_words_in_any_script() -> None:
    rows = (
        "😀😀 The taste was great 😀. Sadly the lid leaked!",
        "טעים מאוד, but the taste was bland. İstanbul style",
        "Très bon ; the PRICE is fair…",
    )
    found = find_aspects(texts(*rows), params()).to_pylist()
    assert len(found) == 4
    for row in found:
        assert rows[int(row["review_id"][1:])][row["start"] : row["end"]] == row["span"]
    assert [row["span"] for row in found[:2]] == ["😀😀 The taste was great 😀", "Sadly the lid leaked"]


def test_aspects_of_nothing() -> None:
    assert find_aspects(texts(), params()).num_rows == 0
    assert find_aspects(texts("", "Nothing to say."), params()).num_rows == 0


# -- texts for search


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [
        ("So  GOOD\n\n at https://x.example/a?b=1 now", "so good at now"),
        ("pa\u200bste and \u202eright to left\u202c", "paste and right to left"),
        ("anna\u200b@example.com", "[email]"),
        ("614\n\n\n555 0100", "[phone]"),
        ("CAFÉ İzmir ẞ", "café izmir ß"),
        (" \t ", ""),
    ],
)
def test_clean_texts(written: str, cleaned: str) -> None:
    import ibis

    from ml_etl.contracts.masking import has_personal_data
    from ml_etl.pipelines.reviews.texts import clean, words

    table = ibis.memtable({"text": [written]})
    table = table.select(clean=clean(table.text)).mutate(words=words(ibis._.clean))
    (row,) = table.mutate(left=has_personal_data(table.clean)).to_pyarrow().to_pylist()
    assert row == {"clean": cleaned, "words": len(cleaned.split()), "left": False}


# -- words and vectors


def test_bm25_is_lucenes_formula() -> None:
    said = ["too small around the waist", "small small bag", "the waist fits", "", "lovely colour"]
    matrix, about = bm25(texts(*said), params())
    lengths = [len(text.split()) for text in said]
    mean = sum(lengths) / len(said)
    k1, b = about["k1"], about["b"]
    for word, column in about["words"].items():
        having = sum(word in text.split() for text in said)
        idf = math.log(1 + (len(said) - having + 0.5) / (having + 0.5))
        for row, text in enumerate(said):
            tf = text.split().count(word)
            expected = idf * tf / (tf + k1 * (1 - b + b * lengths[row] / mean)) if tf else 0
            assert matrix[row, column] == pytest.approx(expected, rel=1e-5), (word, text)
    assert set(about["words"]) == {word for text in said for word in text.split()}


def test_bm25_is_what_a_library_says() -> None:
    import bm25s

    chance = random.Random(3)
    said = [
        " ".join(chance.choices([*"abcdefg", "too", "small"], k=chance.randrange(1, 20))) for _ in range(300)
    ]
    ours, about = bm25(texts(*said), params())
    index = bm25s.BM25(k1=about["k1"], b=about["b"], method=about["method"])
    index.index(
        bm25s.tokenize(said, token_pattern=about["token_pattern"], stopwords=None, show_progress=False)
    )
    for words in (["too", "small"], ["a"], ["g", "b", "small"]):
        total = ours[:, [about["words"][word] for word in words]].sum(axis=1)
        np.testing.assert_allclose(np.ravel(total), index.get_scores(words), rtol=1e-5, atol=1e-6)


def test_terms_are_counted_as_scikit_learn_counts_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of texts that repeat, the commonest terms; what is cut off at the limit is rarer than what is kept."""
    from sklearn.feature_extraction.text import CountVectorizer

    chance = random.Random(4)
    words = [
        "a",
        "b",
        "ab",
        "a-b",
        "don't",
        "don\u2019t",
        "née",
        "'",
        "...",
        "(c",
        "c)",
        "c\tb",
        "a\u00a0b",
        "7½",
        "",
    ]
    said = [" ".join(chance.choices(words, k=chance.randrange(0, 6))) for _ in range(400)]
    said += ["said thrice, in one text"] * 3
    for ngrams in (1, 2, 3):
        wanted = Wanted(tfidf.TOKEN, ngrams=ngrams, min_texts=3)
        library = CountVectorizer(
            lowercase=False, token_pattern=tfidf.TOKEN, ngram_range=(1, ngrams), min_df=3
        )
        expected = library.fit_transform(said)
        for chunk in (25_000, 30):
            monkeypatch.setattr(terms, "_CHUNK", chunk)
            whole = count(said, wanted)
            assert whole.terms == library.get_feature_names_out().tolist()
            assert (whole.matrix != expected).nnz == 0
            assert whole.matrix.has_canonical_format
            few = count(said, replace(wanted, limit=10))
            times = dict(zip(whole.terms, np.ravel(whole.matrix.sum(axis=0)).tolist(), strict=True))
            assert few.terms == sorted(sorted(times, key=lambda term: (-times[term], term))[:10])
            assert (few.matrix != whole.matrix[:, [whole.terms.index(term) for term in few.terms]]).nnz == 0


def test_bm25_of_nothing() -> None:
    for rows in ((), ("", "")):
        matrix, about = bm25(texts(*rows), params())
        assert matrix.shape == (len(rows), 0)
        assert about["words"] == {}


def test_the_index_holds_each_text_once_and_no_empty_one() -> None:
    said = ["b", "", "a", "b", "a", ""]
    assert first_rows(said, np.array([bool(text) for text in said])).tolist() == [0, 2]
    assert first_rows([], np.zeros(0, bool)).tolist() == []


def test_twenty_that_the_index_finds_hold_the_ten_nearest() -> None:
    chance = np.random.default_rng(6)
    vectors = chance.standard_normal((900, 64), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    (index,) = shards_of(vectors, np.arange(900), params().search)
    nearest = np.argsort(-(vectors[:200] @ vectors.T), axis=1)[:, :10].tolist()
    found = index.search(vectors[:200], 20).keys.tolist()
    assert np.mean([len({*ten} & {*twenty}) / 10 for ten, twenty in zip(nearest, found, strict=True)]) >= 0.97


def test_an_index_of_few_or_no_vectors() -> None:
    one = np.eye(1, 8, 3, dtype=np.float32)
    for vectors, rows in ((np.zeros((3, 8), np.float32), []), (one, [0]), (np.zeros((0, 8), np.float32), [])):
        (index,) = shards_of(vectors, np.array(rows, np.int64), params().search)
        assert len(index) == len(rows)
        assert not rows or index.search(one[0], 1).keys.tolist() == [0]


def test_a_kind_of_shop_without_aspects_is_refused() -> None:
    with pytest.raises(ValueError, match="shop_kind 'toys' has no aspects; there are"):
        params(shop_kind="toys")


@pytest.mark.parametrize("column", ["nonsense", "price"])
def test_a_category_that_is_none_is_refused(column: str) -> None:
    with pytest.raises(ValidationError, match="product_type_name"):  # it says what may stand there
        params(category=column)


def test_a_tracker_is_told_models_measures_and_that_all_is_simulated() -> None:
    from ml_etl.as_of import AsOf
    from ml_etl.pipelines.reviews.tracking import track
    from ml_etl.plan import Plan

    quality = {"vader_compound": {"auc": 0.9, "reviews": 7}, "learned_sentiment": {"auc": None, "reviews": 0}}
    card = {
        "simulated": "SIMULATED: all reviews",
        "simulated_share": 1.0,
        "sentiment": quality,
        "learned_model": {"models": []},
        "counts": {"reviews": 7, "median_words": None},
        "vectors": {"model": {"model": "small", "dim": 8}},
    }
    day = dt.date(2020, 2, 1)
    plan = Plan(
        "reviews", "run-1", "run-1-2", AsOf(day, "UTC", day), "f00", inputs={"landing": {"reviews": "abc"}}
    )
    figure = {"data": [{"type": "bar", "x": [1], "y": [2]}], "layout": {"title": {"text": "Aspects"}}}
    told = track(card, figure, {"per_second": 12.5}, plan, params())
    assert (told.dataset, told.run_id, told.version) == ("reviews", "run-1", "run-1-2")
    assert told.inputs == {"reviews": "abc", "fingerprint": "f00"}
    assert told.params["encoder.model"] == "small" and told.params["learned.folds"] == 5
    assert told.metrics == {
        "vader_compound.auc": 0.9,
        "vader_compound.reviews": 7.0,
        "learned_sentiment.reviews": 0.0,
        "count.reviews": 7.0,
        "simulated_share": 1.0,
        "encoding.per_second": 12.5,
    }
    assert told.files["model_card.md"].startswith("# Reviews\n\n**SIMULATED: all reviews.**")
    assert "Aspects" in told.files["aspects.html"]
