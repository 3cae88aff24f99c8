-- One row per (customer_id, article_id). Decay terms are looked up by age, not computed per line, and added
-- up as whole numbers of 10^-30ths, so that sums are exact.
WITH decays AS (
    SELECT
        age,
        exp(age * (-1 / 30)) AS exponential,
        CAST(exp(age * (-1 / 30)) * 1e30 AS DECIMAL(38, 0)) AS d_exponential,
        CAST(exp(age * (-ln(2) / 7)) * 1e30 AS DECIMAL(38, 0)) AS d_7,
        CAST(exp(age * (-ln(2) / 30)) * 1e30 AS DECIMAL(38, 0)) AS d_30,
        CAST(exp(age * (-ln(2) / 90)) * 1e30 AS DECIMAL(38, 0)) AS d_90,
        CAST(exp(age * (-ln(2) / 180)) * 1e30 AS DECIMAL(38, 0)) AS d_180,
        CAST(1e30 / (age + 1) AS DECIMAL(38, 0)) AS d_reciprocal
    FROM (SELECT DISTINCT age FROM purchases)
),
sales AS (
    SELECT article_id, age // 7 AS block, count(*) AS lines FROM purchases GROUP BY ALL
),
quotients AS (
    SELECT article_id, sales.block, latest.lines / sales.lines AS q
    FROM sales JOIN sales AS latest USING (article_id)
    WHERE latest.block = 0
),
returned AS (
    SELECT customer_id, article_id, CAST(sum(abs(line_value)) AS DECIMAL(38, 12)) AS returned_value
    FROM lines WHERE units < 0
    GROUP BY ALL
),
counted AS (
    SELECT
        customer_id,
        article_id,
        count(*) AS purchase_count,
        sum(units) AS unit_count,
        sum(line_value) AS total_spent,
        sum(paid) AS total_paid,
        avg(price) FILTER (line_value <> 0) AS mean_price,
        min(t_dat) AS first_purchase_date,
        max(t_dat) AS last_purchase_date,
        min(age) AS recency_days,
        count(DISTINCT age) AS purchase_days,
        count(*) FILTER (sales_channel_id = 2) AS online_lines,
        count(sales_channel_id) AS channel_lines,
        count(*) FILTER (is_discounted) AS discounted_lines,
        count(is_discounted) AS compared_lines,
        count(*) FILTER (line_value = 0) AS free_count,
        bool_or(is_merchandise) AS is_merchandise,
        sum(d_exponential) AS d_exponential,
        sum(d_7) AS d_7,
        sum(d_30) AS d_30,
        sum(d_90) AS d_90,
        sum(d_180) AS d_180,
        sum(d_reciprocal) AS d_reciprocal,
        sum(CAST(exponential * q * 1e30 AS DECIMAL(38, 0))) AS d_trend
    FROM purchases
    JOIN decays USING (age)
    LEFT JOIN quotients ON quotients.article_id = purchases.article_id AND quotients.block = age // 7
    GROUP BY ALL
)
SELECT 1
