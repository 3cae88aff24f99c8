-- Purchase lines known before the as-of, typed once and kept for everything below. Lines of a negative
-- quantity (returns) stay in `lines`; `purchases` are the others.
-- The shop's zone as the literal offsets of 2017: AT TIME ZONE gives the same days and doubles the time.
CREATE TEMP TABLE lines AS
WITH known_articles AS (
    SELECT article_id, any_value(coalesce(is_merchandise, true)) AS is_merchandise
    FROM landed_articles
    WHERE article_id <> ''
    GROUP BY article_id
),
typed AS (
    SELECT
        customer_id,
        article_id,
        basket_id,
        CAST(timestamp - CASE
            WHEN timestamp >= TIMESTAMP '2017-03-12 07:00' AND timestamp < TIMESTAMP '2017-11-05 06:00'
            THEN INTERVAL 4 HOURS ELSE INTERVAL 5 HOURS
        END AS DATE) AS t_dat,
        coalesce(quantity, 1) AS quantity,
        CASE WHEN coalesce(unit_of_measure, 'each') = 'each' THEN coalesce(quantity, 1) ELSE 1 END AS units,
        TRY_CAST(price AS DECIMAL(18, 12)) AS price,
        TRY_CAST(coalesce(line_value, price * coalesce(quantity, 1)) AS DECIMAL(18, 12)) AS line_value,
        TRY_CAST(coalesce(paid, line_value, price * coalesce(quantity, 1)) AS DECIMAL(18, 12)) AS paid,
        TRY_CAST(regular_price AS DECIMAL(18, 12)) AS regular_price,
        sales_channel_id,
        price IS NOT NULL AS has_price,
        regular_price IS NOT NULL AS has_regular_price
    FROM landed_transactions
)
SELECT
    customer_id, article_id, basket_id, t_dat, units, price, line_value, paid, sales_channel_id,
    is_merchandise,
    CAST(getvariable('as_of') - t_dat - 1 AS INTEGER) AS age,
    regular_price,
    regular_price > price AS is_discounted
FROM typed
JOIN known_articles USING (article_id)
WHERE t_dat < getvariable('as_of')
    AND customer_id IN (SELECT customer_id FROM landed_customers WHERE customer_id <> '')
    AND quantity <> 0
    AND line_value IS NOT NULL
    AND paid IS NOT NULL
    AND (price IS NOT NULL OR NOT has_price)
    AND (regular_price IS NOT NULL OR NOT has_regular_price)
    AND coalesce(price >= 0, true)
    AND (units < 0 OR line_value >= 0);

CREATE TEMP VIEW banded_customers AS SELECT customer_id, age_band FROM landed_customers;

CREATE TEMP VIEW purchases AS SELECT * FROM lines WHERE units > 0;
