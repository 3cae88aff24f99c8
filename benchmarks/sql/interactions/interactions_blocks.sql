-- What the pairs of every block need. Decay terms are looked up by age, not computed per line.
CREATE TEMP TABLE decays AS
SELECT
    age,
    exp(age * (-1 / 30)) AS exponential,
    CAST(exp(age * (-1 / 30)) * 1e30 AS DECIMAL(38, 0)) AS d_exponential,
    CAST(exp(age * (-ln(2) / 7)) * 1e30 AS DECIMAL(38, 0)) AS d_7,
    CAST(exp(age * (-ln(2) / 30)) * 1e30 AS DECIMAL(38, 0)) AS d_30,
    CAST(exp(age * (-ln(2) / 90)) * 1e30 AS DECIMAL(38, 0)) AS d_90,
    CAST(exp(age * (-ln(2) / 180)) * 1e30 AS DECIMAL(38, 0)) AS d_180,
    CAST(1e30 / (age + 1) AS DECIMAL(38, 0)) AS d_reciprocal
FROM (SELECT DISTINCT age FROM purchases);

CREATE TEMP TABLE quotients AS
WITH sales AS (
    SELECT article_id, age // 7 AS block, count(*) AS lines FROM purchases GROUP BY ALL
)
SELECT article_id, sales.block, latest.lines / sales.lines AS q
FROM sales JOIN sales AS latest USING (article_id)
WHERE latest.block = 0;

SET VARIABLE channels = (SELECT count(DISTINCT sales_channel_id) FROM purchases);

-- Ranges of customers with two million lines each, so that grouping them does not spill.
CREATE TEMP TABLE blocks AS
SELECT min(customer_id) AS first, max(customer_id) AS last
FROM (
    SELECT customer_id, (sum(count(*)) OVER (ORDER BY customer_id) - count(*)) // 2_000_000 AS block
    FROM purchases
    GROUP BY customer_id
)
GROUP BY block
ORDER BY first;
