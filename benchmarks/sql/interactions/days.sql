-- Grouped by day once, for the pairs and the splits.
CREATE TEMP TABLE days AS
SELECT customer_id, article_id, t_dat, count(*) AS purchase_count
FROM purchases
GROUP BY ALL;
