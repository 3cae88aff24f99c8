-- As ../purchases.sql, with the columns that customers need and whole numbers in place of ids. Types and
-- groups are numbered by name, so that ties by number are ties by name.
CREATE TEMP TABLE known_customers AS
SELECT customer_id, any_value(age_band) AS age_band, CAST(row_number() OVER () AS INTEGER) AS customer
FROM landed_customers
WHERE customer_id <> ''
GROUP BY customer_id;

CREATE TEMP TABLE product_types AS
SELECT product_type_name, CAST(row_number() OVER (ORDER BY product_type_name) AS INTEGER) AS product_type
FROM (SELECT DISTINCT product_type_name FROM landed_articles WHERE product_type_name IS NOT NULL);

CREATE TEMP TABLE product_groups AS
SELECT product_group_name, CAST(row_number() OVER (ORDER BY product_group_name) AS INTEGER) AS product_group
FROM (SELECT DISTINCT product_group_name FROM landed_articles WHERE product_group_name IS NOT NULL);

CREATE TEMP TABLE known_articles AS
SELECT
    article_id,
    any_value(coalesce(is_merchandise, true)) AS is_merchandise,
    CAST(row_number() OVER () AS INTEGER) AS article,
    any_value(product_type) AS product_type,
    any_value(product_group) AS product_group
FROM landed_articles
LEFT JOIN product_types USING (product_type_name)
LEFT JOIN product_groups USING (product_group_name)
WHERE article_id <> ''
GROUP BY article_id;

CREATE TEMP TABLE lines AS
WITH typed AS (
    SELECT
        customer_id,
        article_id,
        store_id,
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
        price IS NOT NULL AS has_price,
        regular_price IS NOT NULL AS has_regular_price
    FROM landed_transactions
)
SELECT
    customer, article, store_id, t_dat, units, line_value, regular_price > price AS is_discounted,
    CASE WHEN is_merchandise AND line_value <> 0 THEN price END AS price
FROM typed
JOIN known_articles USING (article_id)
JOIN known_customers USING (customer_id)
WHERE t_dat < getvariable('as_of')
    AND quantity <> 0
    AND line_value IS NOT NULL
    AND paid IS NOT NULL
    AND (price IS NOT NULL OR NOT has_price)
    AND (regular_price IS NOT NULL OR NOT has_regular_price)
    AND coalesce(price >= 0, true)
    AND (units < 0 OR line_value >= 0);
