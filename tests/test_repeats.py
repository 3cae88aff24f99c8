"""Repeated keys, against pandas."""

import ibis
import numpy as np
import pandas as pd

from ml_etl.repeats import repeats


def test_keys_that_repeat_are_those_that_pandas_finds() -> None:
    chance = np.random.default_rng(7)
    texts = np.array(["a", "b", "ab", "", None], dtype=object)
    rows = pd.DataFrame(
        {
            "first": texts[chance.integers(0, 5, 60)],
            "second": texts[chance.integers(0, 5, 60)],  # (a, b) and (b, a) are two keys
            "day": pd.to_datetime("2020-01-01") + pd.to_timedelta(chance.integers(0, 3, 60), unit="D"),
        }
    )
    key = ["first", "second", "day"]
    found = repeats(ibis.memtable(rows), key).to_pandas()
    expected = rows.groupby(key, dropna=False).size()
    expected = expected[expected > 1]
    assert 5 < len(expected) < 40

    def plain(table: pd.DataFrame) -> list[tuple]:
        return sorted(tuple(map(str, row)) for row in table.fillna("∅").itertuples(index=False))

    assert plain(found[[*key, "n"]]) == plain(expected.rename("n").reset_index())


def test_no_rows_no_repeats() -> None:
    empty = ibis.memtable(pd.DataFrame({"id": pd.Series([], dtype="str")}))
    assert repeats(empty, ["id"]).count().to_pandas() == 0
