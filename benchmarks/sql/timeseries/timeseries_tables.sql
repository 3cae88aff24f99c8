-- Sums per series and day. Few articles have two customers a day: only theirs are told apart.
CREATE TEMP TABLE days AS
WITH articles AS MATERIALIZED (
    SELECT
        article AS number,
        day AS ds,
        sum(units) AS units,
        sum(merchandise_units) AS merchandise_units,
        count(*) AS lines,
        sum(line_value) AS revenue,
        sum(priced_value) AS priced_value,
        sum(priced_units) AS priced_units,
        sum(asked_value) AS asked_value,
        sum(regular_value) AS regular_value,
        min(buyer) <> max(buyer) AS has_buyers
    FROM sold
    GROUP BY article, day
),
told_apart AS (
    SELECT article AS number, day AS ds, count(DISTINCT buyer) AS buyers
    FROM sold
    SEMI JOIN (FROM articles WHERE has_buyers) AS shared ON shared.number = article AND shared.ds = day
    GROUP BY article, day
),
categories AS (
    SELECT
        category AS number,
        day AS ds,
        sum(units) AS units,
        sum(merchandise_units) AS merchandise_units,
        count(*) AS lines,
        sum(line_value) AS revenue,
        sum(priced_value) AS priced_value,
        sum(priced_units) AS priced_units,
        sum(asked_value) AS asked_value,
        sum(regular_value) AS regular_value,
        count(DISTINCT buyer) AS buyers
    FROM sold
    GROUP BY category, day
),
totals AS (
    SELECT
        getvariable('total') AS number,
        day AS ds,
        sum(units) AS units,
        sum(merchandise_units) AS merchandise_units,
        count(*) AS lines,
        sum(line_value) AS revenue,
        sum(priced_value) AS priced_value,
        sum(priced_units) AS priced_units,
        sum(asked_value) AS asked_value,
        sum(regular_value) AS regular_value,
        count(DISTINCT buyer) AS buyers
    FROM sold
    GROUP BY day
),
sums AS (
    SELECT * EXCLUDE (has_buyers, buyers), coalesce(buyers, 1) AS buyers
    FROM articles
    LEFT JOIN told_apart USING (number, ds)
    UNION ALL BY NAME
    FROM categories
    UNION ALL BY NAME
    FROM totals
)
SELECT
    number,
    ds,
    CAST(units AS BIGINT) AS units,
    CAST(merchandise_units AS BIGINT) AS merchandise_units,
    lines,
    revenue,
    buyers,
    priced_value,
    CAST(priced_units AS BIGINT) AS priced_units,
    asked_value,
    regular_value
FROM sums;
