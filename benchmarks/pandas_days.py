"""The demo shop's days in pandas."""

import pandas as pd

ZONE = "America/New_York"


def local_day(moment: pd.Series) -> pd.Series:
    """The shop's local day of UTC moments."""
    return moment.dt.tz_localize("UTC").dt.tz_convert(ZONE).dt.tz_localize(None).dt.normalize()
