-- Sums per article and day; categories and the total add them up, but for buyers, who are counted anew.
CREATE TEMP TABLE days AS
WITH articles AS MATERIALIZED (
    SELECT
        article,
        any_value(category) AS category,
        day AS ds,
        sum(units) AS units,
        sum(merchandise_units) AS merchandise_units,
        count(*) AS lines,
        sum(line_value) AS revenue,
        count(DISTINCT buyer) AS buyers,
        sum(line_value) FILTER (is_priced) AS priced_value,
        sum(units) FILTER (is_priced) AS priced_units,
        sum(line_value) FILTER (is_compared) AS asked_value,
        sum(regular_value) AS regular_value
    FROM sold
    GROUP BY article, day
),
category_buyers AS MATERIALIZED (
    SELECT DISTINCT category, day AS ds, buyer FROM sold
),
categories AS MATERIALIZED (
    SELECT
        category,
        ds,
        sum(units) AS units,
        sum(merchandise_units) AS merchandise_units,
        sum(lines) AS lines,
        sum(revenue) AS revenue,
        sum(priced_value) AS priced_value,
        sum(priced_units) AS priced_units,
        sum(asked_value) AS asked_value,
        sum(regular_value) AS regular_value
    FROM articles
    GROUP BY ALL
),
totals AS (
    SELECT
        ds,
        sum(units) AS units,
        sum(merchandise_units) AS merchandise_units,
        sum(lines) AS lines,
        sum(revenue) AS revenue,
        sum(priced_value) AS priced_value,
        sum(priced_units) AS priced_units,
        sum(asked_value) AS asked_value,
        sum(regular_value) AS regular_value
    FROM categories
    GROUP BY ALL
),
sums AS (
    SELECT * EXCLUDE category RENAME (article AS number) FROM articles
    UNION ALL BY NAME
    SELECT * RENAME (category AS number)
    FROM categories
    JOIN (SELECT category, ds, count(*) AS buyers FROM category_buyers GROUP BY ALL) USING (category, ds)
    UNION ALL BY NAME
    SELECT getvariable('total') AS number, *
    FROM totals
    JOIN (SELECT ds, count(DISTINCT buyer) AS buyers FROM category_buyers GROUP BY ALL) USING (ds)
)
SELECT
    number,
    ds,
    CAST(units AS BIGINT) AS units,
    CAST(merchandise_units AS BIGINT) AS merchandise_units,
    CAST(lines AS BIGINT) AS lines,
    revenue,
    buyers,
    priced_value,
    CAST(priced_units AS BIGINT) AS priced_units,
    asked_value,
    regular_value
FROM sums;
