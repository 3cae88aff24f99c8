-- One row per (customer_id, article_id), for one block of customers. Decay terms are added up as whole numbers
-- of 10^-30ths, so that sums are exact.
WITH returned AS (
    SELECT customer_id, article_id, CAST(sum(abs(line_value)) AS DECIMAL(38, 12)) AS returned_value
    FROM lines
    WHERE units < 0 AND customer_id BETWEEN getvariable('first') AND getvariable('last')
    GROUP BY ALL
),
counted AS (
    SELECT
        customer_id,
        purchases.article_id,
        count(*) AS purchase_count,
        sum(units) AS unit_count,
        sum(line_value) AS total_spent,
        sum(paid) AS total_paid,
        avg(price) FILTER (line_value <> 0) AS mean_price,
        min(t_dat) AS first_purchase_date,
        max(t_dat) AS last_purchase_date,
        min(age) AS recency_days,
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
    WHERE customer_id BETWEEN getvariable('first') AND getvariable('last')
    GROUP BY ALL
)
SELECT
    customer_id,
    article_id,
    purchase_count,
    CAST(unit_count AS BIGINT) AS unit_count,
    CAST(total_spent AS DECIMAL(38, 12)) AS total_spent,
    CAST(total_paid AS DECIMAL(38, 12)) AS total_paid,
    CAST(total_spent - coalesce(returned_value, 0) AS DECIMAL(38, 12)) AS net_spent,
    mean_price,
    first_purchase_date,
    last_purchase_date,
    CAST(recency_days AS BIGINT) AS recency_days,
    purchase_days > 1 AS is_repurchase,
    (last_purchase_date - first_purchase_date) / nullif(purchase_days - 1, 0) AS mean_gap_days,
    mean_gap_days - recency_days AS days_until_due,
    CASE WHEN getvariable('channels') > 1
        THEN online_lines / nullif(channel_lines, 0) END AS online_share,
    discounted_lines / nullif(compared_lines, 0) AS discount_share,
    free_count,
    is_merchandise,
    CAST(d_exponential AS DOUBLE) / 1e30 AS score_exponential,
    CAST(d_7 AS DOUBLE) / 1e30 AS score_half_life_7,
    CAST(d_30 AS DOUBLE) / 1e30 AS score_half_life_30,
    CAST(d_90 AS DOUBLE) / 1e30 AS score_half_life_90,
    CAST(d_180 AS DOUBLE) / 1e30 AS score_half_life_180,
    CAST(d_reciprocal AS DOUBLE) / 1e30 AS score_reciprocal,
    purchase_count / (1 + 0.1::DOUBLE * recency_days) AS score_hyperbolic,
    coalesce(CAST(d_trend AS DOUBLE) / 1e30, 0) AS score_trend,
    score_half_life_90 AS score,
    score_half_life_90 AS weight,
    CAST(NULL AS BIGINT) AS view_count,
    CAST(NULL AS BIGINT) AS click_count,
    CAST(NULL AS BIGINT) AS wishlist_count,
    CAST(NULL AS BIGINT) AS cart_count,
    CAST(NULL AS TIMESTAMP) AS last_event_at,
    CAST(NULL AS BOOLEAN) AS simulated
FROM counted
JOIN (
    SELECT customer_id, article_id, count(*) AS purchase_days
    FROM days
    WHERE customer_id BETWEEN getvariable('first') AND getvariable('last')
    GROUP BY ALL
)
    USING (customer_id, article_id)
LEFT JOIN returned USING (customer_id, article_id)
ORDER BY customer_id, article_id
