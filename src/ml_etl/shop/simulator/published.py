"""What is published of H&M's data, and what the simulator was fitted to.

The data: kaggle.com/competitions/h-and-m-personalized-fashion-recommendations. Figures of it, counted by
others over the whole files:

[1] github.com/tom-gemini-cloud/h_and_m_data_analysis, results/data_documentation
[2] github.com/yuyangchen11/fitscope-global-dashboard, data/kaggle_hm_personalized/processed
[3] github.com/c-gohlke/personalized-recommendations, README
[4] github.com/newexo/HM-clothing-public, README
[5] obrunet.github.io/recommendation%20system/hm_personalized_fashion_eda
[6] ryancaldwell360.github.io/projects/h_and_m
"""

import datetime as dt

LINES, CUSTOMERS, ARTICLES = 31_788_324, 1_371_980, 105_542  # [1]
BUYERS, SOLD_ARTICLES = 1_362_281, 104_547  # [1]
FIRST_DAY, DAYS = dt.date(2018, 9, 20), 734  # [1]

REPEATED_LINES = 0.0936
"""Share of lines that are equal to an earlier one in every column [1]."""
ONE_ARTICLE_BUYERS, ONE_ARTICLE_REPEATERS = 154_947, 23_433
"""Buyers of a single article, and those of them who bought it more than once, on different days [6]."""

LINES_PER_BUYER = {"median": 9, "mean": 23.33, "max": 1_895}  # [3]
LINES_PER_ARTICLE = {"median": 65, "mean": 304, "rank 1": 50_287, "rank 1000": 3_258}  # [2, 3]
ARTICLES_OF_300_LINES = 25_312  # [4]
LAST_91_DAYS = {"lines": 3_904_391, "customers": 525_075, "articles": 42_298}  # [1]

MEAN_PRICE, PRICE_UNIT = 0.0278, 1 / 59_000  # [1]; the smallest price is 1 of these units
ONLINE_SHARE = 0.704  # [2]

INDEX_GROUPS = {  # [2]: share of articles; of Ladieswear's, .642 of the lines
    "Ladieswear": 0.3765,
    "Baby/Children": 0.3289,
    "Divided": 0.1435,
    "Menswear": 0.1189,
    "Sport": 0.0322,
}
LADIESWEAR_LINES = 0.6422
PRODUCT_GROUPS = {  # [2]: share of articles; the smallest are left out
    "Garment Upper body": 0.4050,
    "Garment Lower body": 0.1877,
    "Garment Full body": 0.1259,
    "Accessories": 0.1057,
    "Underwear": 0.0520,
    "Shoes": 0.0501,
    "Swimwear": 0.0296,
    "Socks & Tights": 0.0231,
    "Nightwear": 0.0209,
}
COLOURS = {"Black": 0.2148}  # [2]; the others share the rest

AGES = {  # [2]: from, to, share of customers
    (16, 19): 0.0522,
    (20, 29): 0.3851,
    (30, 39): 0.1706,
    (40, 49): 0.1488,
    (50, 59): 0.1649,
    (60, 99): 0.0669,
}
MEAN_AGE = 36.4  # [1]
MISSING = {"FN": 0.6524, "Active": 0.6615, "club_member_status": 0.0044, "age": 0.0116}  # [1]
CLUB_ACTIVE, NO_NEWS = 0.9275, 0.6397  # [2]

# Read off the daily counts of ordinary weeks in 2019 [2], against the mean day of 43,308 lines.
MONTHS = (0.95, 0.90, 0.97, 1.03, 1.08, 1.38, 1.28, 0.95, 0.82, 0.85, 0.68, 0.85)
WEEKDAYS = (0.92, 0.98, 1.06, 1.05, 1.01, 1.06, 0.92)  # from Monday on
CAMPAIGNS = {  # [2]: days by themselves, as multiples of the mean day
    (4, 6): 2.8,
    (5, 16): 2.2,
    (7, 24): 2.9,
    (9, 28): 4.6,
    (11, 28): 2.5,
    (11, 29): 3.7,
    (12, 25): 0.35,
}
MAY_JUNE_JULY_SEPTEMBER_2019 = 6_501_193
"""Lines of these four months [5]; nothing was fitted to it."""
