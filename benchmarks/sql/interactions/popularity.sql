-- One row per (article_id, age_band) sold within 8 weeks, and ALL for everyone; merchandise only. Lines are
-- counted per customer first, so that buyers need no DISTINCT. Decayed sums that differ by less than 1e-9 tie.
WITH bought AS (
    SELECT
        customer_id,
        article_id,
        count(*) FILTER (age < 7) AS lines_1w,
        count(*) FILTER (age < 28) AS lines_4w,
        count(*) AS lines_8w,
        sum(CAST(exp(age * (-ln(2) / 14)) * 1e30 AS DECIMAL(38, 0))) AS decayed
    FROM purchases
    WHERE is_merchandise AND age < 56
    GROUP BY ALL
),
banded AS (
    SELECT
        article_id,
        CASE WHEN grouping(age_band) = 1 THEN 'ALL' ELSE age_band END AS age_band,
        count(*) FILTER (lines_1w > 0) AS buyers_1w,
        CAST(sum(lines_1w) AS BIGINT) AS lines_1w,
        count(*) FILTER (lines_4w > 0) AS buyers_4w,
        CAST(sum(lines_4w) AS BIGINT) AS lines_4w,
        count(*) AS buyers_8w,
        CAST(sum(lines_8w) AS BIGINT) AS lines_8w,
        CAST(sum(decayed) AS DOUBLE) / 1e30 AS lines_decayed
    FROM bought
    JOIN (SELECT customer_id, coalesce(age_band, 'UNKNOWN') AS age_band FROM banded_customers)
        USING (customer_id)
    GROUP BY GROUPING SETS ((article_id, age_band), (article_id))
)
SELECT
    article_id,
    age_band,
    buyers_1w,
    lines_1w,
    CASE WHEN buyers_1w > 0 THEN row_number() OVER by_1w END AS rank_1w,
    buyers_4w,
    lines_4w,
    CASE WHEN buyers_4w > 0 THEN row_number() OVER by_4w END AS rank_4w,
    buyers_8w,
    lines_8w,
    row_number() OVER by_8w AS rank_8w,
    lines_decayed,
    row_number() OVER by_decay AS rank_decayed
FROM banded
WINDOW
    by_1w AS (PARTITION BY age_band ORDER BY buyers_1w DESC, article_id),
    by_4w AS (PARTITION BY age_band ORDER BY buyers_4w DESC, article_id),
    by_8w AS (PARTITION BY age_band ORDER BY buyers_8w DESC, article_id),
    by_decay AS (PARTITION BY age_band ORDER BY round(lines_decayed, 9) DESC, article_id)
ORDER BY age_band, article_id
