-- Every customer with its place in the matrix: by first purchase, then id.
WITH first AS (
    SELECT customer_id, min(first_purchase_date) AS first_seen FROM interactions GROUP BY ALL
)
SELECT
    CAST(row_number() OVER (ORDER BY first_seen, customer_id) - 1 AS INTEGER) AS index,
    customer_id,
    first_seen
FROM first
ORDER BY index
