-- The sums are those of the days, added up; buyers are counted anew.
CREATE TEMP TABLE weeks AS
WITH sums AS (
    SELECT
        number,
        CAST(date_trunc('week', days.ds) AS DATE) AS ds,
        CAST(sum(units) AS BIGINT) AS units,
        CAST(sum(merchandise_units) AS BIGINT) AS merchandise_units,
        CAST(sum(lines) AS BIGINT) AS lines,
        sum(revenue) AS revenue,
        sum(priced_value) AS priced_value,
        CAST(sum(priced_units) AS BIGINT) AS priced_units,
        sum(asked_value) AS asked_value,
        sum(regular_value) AS regular_value
    FROM days
    GROUP BY ALL
),
category_buyers AS MATERIALIZED (
    SELECT DISTINCT category, week, buyer FROM sold
),
buyers AS (
    SELECT article AS number, week AS ds, count(DISTINCT buyer) AS buyers FROM sold GROUP BY ALL
    UNION ALL
    SELECT category, week, count(*) FROM category_buyers GROUP BY ALL
    UNION ALL
    SELECT getvariable('total'), week, count(DISTINCT buyer) FROM category_buyers GROUP BY ALL
),
shop AS (SELECT min(ds) AS first_day FROM days)
SELECT
    *,
    ds >= first_day AND ds + 7 <= getvariable('as_of') AS is_complete
FROM sums
JOIN buyers USING (number, ds)
CROSS JOIN shop;
