-- Articles of the demo shop have no creation: a series begins with its first sale.
CREATE TEMP TABLE series_days AS
WITH opened AS (
    SELECT ds, CAST(getvariable('as_of') - ds - count(*) OVER (ORDER BY ds DESC) AS BIGINT) AS closed_since
    FROM days
    WHERE number = getvariable('total')
),
ranges AS (
    SELECT
        number,
        min(ds) AS first_sale,
        max(ds) AS last_sale,
        count(*) AS sold_days,
        bool_or(merchandise_units > 0) AS sold_merchandise
    FROM days
    GROUP BY ALL
)
SELECT
    number,
    level,
    unique_id,
    category,
    coalesce(is_merchandise, sold_merchandise) AS is_merchandise,
    first_sale,
    last_sale,
    sold_days,
    closed_since,
    getvariable('as_of') - 1 - last_sale AS idle_days,
    (SELECT min(ds) FROM opened) AS shop_first
FROM ranges
JOIN names USING (number)
JOIN opened ON opened.ds = first_sale;
