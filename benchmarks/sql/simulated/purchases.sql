-- As ../purchases.sql for the columns of a simulated shop: a day, one unit a line, one price, and customers' ages
-- in place of their bands. Lines are what is bought; it has no returns.
CREATE TEMP VIEW banded_customers AS
SELECT
    customer_id,
    CASE
        WHEN age IS NULL OR age NOT BETWEEN 1 AND 110 THEN NULL
        WHEN age <= 18 THEN '0-18'
        WHEN age <= 24 THEN '19-24'
        WHEN age <= 34 THEN '25-34'
        WHEN age <= 44 THEN '35-44'
        WHEN age <= 54 THEN '45-54'
        WHEN age <= 64 THEN '55-64'
        ELSE '65+'
    END AS age_band
FROM landed_customers;

CREATE TEMP TABLE lines AS
SELECT
    customer_id,
    article_id,
    CAST(NULL AS VARCHAR) AS basket_id,
    t_dat,
    1::BIGINT AS units,
    CAST(price AS DECIMAL(18, 12)) AS price,
    CAST(price AS DECIMAL(18, 12)) AS line_value,
    CAST(price AS DECIMAL(18, 12)) AS paid,
    sales_channel_id,
    true AS is_merchandise,
    CAST(getvariable('as_of') - t_dat - 1 AS INTEGER) AS age,
    CAST(NULL AS DECIMAL(18, 12)) AS regular_price,
    CAST(NULL AS BOOLEAN) AS is_discounted
FROM landed_transactions
WHERE t_dat < getvariable('as_of')
    AND article_id IN (SELECT article_id FROM landed_articles WHERE article_id <> '')
    AND customer_id IN (SELECT customer_id FROM landed_customers WHERE customer_id <> '')
    AND price >= 0;

CREATE TEMP VIEW purchases AS FROM lines;
