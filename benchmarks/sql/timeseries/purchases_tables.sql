-- Every series with a number, in the order of the tables: what follows groups, joins and sorts by numbers.
CREATE TEMP TABLE names AS
WITH articles AS (
    SELECT
        article_id,
        coalesce(product_group_name, 'UNKNOWN') AS category,
        coalesce(is_merchandise, true) AS is_merchandise
    FROM landed_articles
    WHERE article_id <> ''
),
levels AS (
    SELECT 'article' AS level, article_id AS unique_id, category, is_merchandise FROM articles
    UNION ALL
    SELECT DISTINCT 'category', category, NULL, NULL FROM articles
    UNION ALL
    SELECT 'total', 'total', NULL, NULL
)
SELECT *, CAST(row_number() OVER (ORDER BY level, unique_id) AS INTEGER) AS number
FROM levels;

CREATE TEMP TABLE members AS
SELECT article.unique_id AS article_id, article.number AS article, category.number AS category
FROM names AS article
JOIN names AS category ON category.unique_id = article.category AND category.level = 'category'
WHERE article.level = 'article';

SET VARIABLE total = (SELECT max(number) FROM names);

CREATE TEMP TABLE sold AS
WITH buyers AS (
    SELECT customer_id, CAST(row_number() OVER () AS INTEGER) AS buyer
    FROM (SELECT DISTINCT customer_id FROM landed_customers)
)
SELECT
    article,
    category,
    buyer,
    t_dat AS day,
    CAST(date_trunc('week', t_dat) AS DATE) AS week,
    CAST(units AS INTEGER) AS units,
    CASE WHEN is_merchandise THEN CAST(units AS INTEGER) ELSE 0 END AS merchandise_units,
    line_value,
    CASE WHEN price IS NOT NULL AND line_value <> 0 THEN line_value END AS priced_value,
    CASE WHEN priced_value IS NOT NULL THEN CAST(units AS INTEGER) END AS priced_units,
    CASE WHEN regular_price IS NOT NULL THEN priced_value END AS asked_value,
    CASE WHEN asked_value IS NOT NULL THEN regular_price * CAST(units AS INTEGER) END AS regular_value
FROM purchases
JOIN members USING (article_id)
JOIN buyers USING (customer_id);
