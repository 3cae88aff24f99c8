-- Every article with its place in the matrix: by first purchase, then id.
WITH first AS (
    SELECT article_id, min(first_purchase_date) AS first_seen FROM interactions GROUP BY ALL
)
SELECT
    CAST(row_number() OVER (ORDER BY first_seen, article_id) - 1 AS INTEGER) AS index,
    article_id,
    first_seen
FROM first
ORDER BY index
