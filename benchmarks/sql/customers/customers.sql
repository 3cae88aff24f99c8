-- One row per customer with a line before the as-of. Columns the demo shop lacks are null.
WITH daily AS MATERIALIZED (
    SELECT
        customer,
        t_dat,
        CAST(getvariable('as_of') - t_dat - 1 AS INTEGER) AS age,
        count(*) FILTER (units > 0) AS lines,
        sum(units) FILTER (units > 0) AS units,
        coalesce(sum(line_value) FILTER (units > 0), 0) AS spent,
        coalesce(sum(abs(line_value)) FILTER (units < 0), 0) AS returned,
        count(*) FILTER (units > 0 AND is_discounted) AS discounted,
        count(is_discounted) FILTER (units > 0) AS compared,
        count(*) FILTER (units > 0 AND line_value = 0) AS free
    FROM lines
    GROUP BY ALL
),
gaps AS (
    SELECT *, CASE WHEN lines > 0 THEN t_dat - lag(t_dat) OVER own END AS gap
    FROM daily
    WINDOW own AS (PARTITION BY customer, lines > 0 ORDER BY t_dat)
),
days AS (
    SELECT
        customer,
        min(t_dat) AS known_from,
        coalesce(sum(lines) FILTER (age < 30), 0) AS transaction_count_30d,
        coalesce(sum(units) FILTER (age < 30), 0) AS unit_count_30d,
        coalesce(sum(spent) FILTER (age < 30), 0) AS spent_30d,
        coalesce(sum(spent - returned) FILTER (age < 30), 0) AS net_spent_30d,
        count(*) FILTER (lines > 0 AND age < 30) AS active_days_30d,
        coalesce(sum(lines) FILTER (age < 90), 0) AS transaction_count_90d,
        coalesce(sum(units) FILTER (age < 90), 0) AS unit_count_90d,
        coalesce(sum(spent) FILTER (age < 90), 0) AS spent_90d,
        coalesce(sum(spent - returned) FILTER (age < 90), 0) AS net_spent_90d,
        count(*) FILTER (lines > 0 AND age < 90) AS active_days_90d,
        coalesce(sum(lines) FILTER (age < 180), 0) AS transaction_count_180d,
        coalesce(sum(units) FILTER (age < 180), 0) AS unit_count_180d,
        coalesce(sum(spent) FILTER (age < 180), 0) AS spent_180d,
        coalesce(sum(spent - returned) FILTER (age < 180), 0) AS net_spent_180d,
        count(*) FILTER (lines > 0 AND age < 180) AS active_days_180d,
        coalesce(sum(lines) FILTER (age < 365), 0) AS transaction_count_365d,
        coalesce(sum(units) FILTER (age < 365), 0) AS unit_count_365d,
        coalesce(sum(spent) FILTER (age < 365), 0) AS spent_365d,
        coalesce(sum(spent - returned) FILTER (age < 365), 0) AS net_spent_365d,
        count(*) FILTER (lines > 0 AND age < 365) AS active_days_365d,
        sum(lines) AS transaction_count_lifetime,
        coalesce(sum(units), 0) AS unit_count_lifetime,
        sum(spent) AS spent_lifetime,
        sum(spent - returned) AS net_spent_lifetime,
        count(*) FILTER (lines > 0) AS active_days_lifetime,
        min(t_dat) FILTER (lines > 0) AS first_purchase_date,
        max(t_dat) FILTER (lines > 0) AS last_purchase_date,
        count(gap) AS gaps,
        sum(gap) AS gap_days,
        sum(gap * gap) AS squares,
        sum(discounted) / nullif(sum(compared), 0) AS discount_share,
        sum(free) / nullif(sum(lines), 0) AS free_share
    FROM gaps
    GROUP BY ALL
),
bought AS MATERIALIZED (
    SELECT
        customer,
        article,
        max(t_dat) AS last_bought,
        CAST(count(*) AS INTEGER) AS lines,
        CAST(count(price) AS INTEGER) AS priced_lines
    FROM lines
    WHERE units > 0
    GROUP BY ALL
),
distinct_articles AS (
    SELECT
        customer,
        count(*) FILTER (last_bought >= getvariable('as_of') - 30) AS distinct_articles_30d,
        count(*) FILTER (last_bought >= getvariable('as_of') - 90) AS distinct_articles_90d,
        count(*) FILTER (last_bought >= getvariable('as_of') - 180) AS distinct_articles_180d,
        count(*) FILTER (last_bought >= getvariable('as_of') - 365) AS distinct_articles_365d,
        count(*) AS distinct_articles_lifetime
    FROM bought
    GROUP BY ALL
),
prices AS (
    SELECT article, product_type, round(mean, 9) AS mean
    FROM (SELECT article, avg(price) AS mean FROM lines WHERE units > 0 AND price IS NOT NULL GROUP BY ALL)
    JOIN known_articles USING (article)
    WHERE product_type IS NOT NULL
),
percentiles AS (
    SELECT
        article,
        CAST(round(
            (2 * (rank() OVER by_mean - 1) + count(*) OVER equal) / (2 * count(*) OVER own_type) * 1e12
        ) AS BIGINT) AS percentile
    FROM prices
    WINDOW
        own_type AS (PARTITION BY product_type),
        by_mean AS (PARTITION BY product_type ORDER BY mean),
        equal AS (PARTITION BY product_type, mean)
),
price_levels AS (
    SELECT
        customer,
        CAST(sum(percentile * priced_lines) AS DOUBLE) / 1e12 / sum(priced_lines) AS price_percentile_mean
    FROM bought
    JOIN percentiles USING (article)
    WHERE priced_lines > 0
    GROUP BY ALL
),
goods AS MATERIALIZED (
    SELECT customer, product_type, product_group, CAST(sum(lines) AS INTEGER) AS lines
    FROM bought
    JOIN known_articles USING (article)
    WHERE is_merchandise
    GROUP BY ALL
),
types AS (
    SELECT customer, product_type, CAST(sum(lines) AS INTEGER) AS lines
    FROM goods
    WHERE product_type IS NOT NULL
    GROUP BY ALL
),
type_habits AS (
    SELECT
        customer,
        arg_min(product_type, (-lines, product_type)) AS product_type,
        CASE WHEN count(*) = 1 THEN 0 ELSE greatest(
            ln(sum(lines)) - CAST(sum(CAST(round(lines * ln(lines) * 1e12) AS BIGINT)) AS DOUBLE) / 1e12
                / sum(lines),
            0
        ) END AS product_type_entropy
    FROM types
    GROUP BY ALL
),
group_habits AS (
    SELECT customer, arg_min(product_group, (-lines, product_group)) AS product_group
    FROM (
        SELECT customer, product_group, sum(lines) AS lines
        FROM goods
        WHERE product_group IS NOT NULL
        GROUP BY ALL
    )
    GROUP BY ALL
),
stores AS (
    SELECT customer, count(*) AS store_count, arg_min(store_id, (-lines, store_id)) AS top_store
    FROM (
        SELECT customer, store_id, count(*) AS lines
        FROM lines
        WHERE units > 0 AND store_id IS NOT NULL
        GROUP BY ALL
    )
    GROUP BY ALL
),
items AS (
    SELECT order_id, count(*) AS items, sum(TRY_CAST(line_total AS DECIMAL(18, 12))) AS amount
    FROM landed_order_items
    WHERE order_item_id IS NOT NULL
        AND order_id IS NOT NULL
        AND coalesce(
            order_date < (CAST(getvariable('as_of') AS TIMESTAMP) AT TIME ZONE 'America/New_York') AT TIME ZONE 'UTC',
            true
        )
        AND (unit_price IS NULL OR TRY_CAST(unit_price AS DECIMAL(18, 12)) IS NOT NULL)
        AND (line_total IS NULL OR TRY_CAST(line_total AS DECIMAL(18, 12)) IS NOT NULL)
        AND article_id IN (SELECT article_id FROM known_articles)
    GROUP BY ALL
),
orders AS (
    SELECT
        customer,
        count(*) AS order_count,
        sum(items) / count(items) AS items_per_order,
        CAST(sum(coalesce(TRY_CAST(total_amount AS DECIMAL(18, 12)), items.amount)) AS DOUBLE)
            / count(coalesce(total_amount, items.amount)) AS average_order_value
    FROM landed_orders
    JOIN known_customers USING (customer_id)
    LEFT JOIN items USING (order_id)
    WHERE order_id IS NOT NULL
        AND order_date < (CAST(getvariable('as_of') AS TIMESTAMP) AT TIME ZONE 'America/New_York') AT TIME ZONE 'UTC'
        AND (total_amount IS NULL OR TRY_CAST(total_amount AS DECIMAL(18, 12)) IS NOT NULL)
    GROUP BY ALL
),
scores AS (
    SELECT
        customer,
        1 + 5 * (2 * (rank() OVER by_recency - 1) + count(*) OVER same_recency) // (2 * count(*) OVER ())
            AS r_score,
        1 + 5 * (2 * (rank() OVER by_frequency - 1) + count(*) OVER same_frequency) // (2 * count(*) OVER ())
            AS f_score,
        1 + 5 * (2 * (rank() OVER by_monetary - 1) + count(*) OVER same_monetary) // (2 * count(*) OVER ())
            AS m_score
    FROM days
    WHERE active_days_lifetime > 0
    WINDOW
        by_recency AS (ORDER BY last_purchase_date),
        same_recency AS (PARTITION BY last_purchase_date),
        by_frequency AS (ORDER BY active_days_lifetime),
        same_frequency AS (PARTITION BY active_days_lifetime),
        by_monetary AS (ORDER BY spent_lifetime),
        same_monetary AS (PARTITION BY spent_lifetime)
),
segments AS (
    SELECT
        *,
        CAST(100 * r_score + 10 * f_score + m_score AS VARCHAR) AS rfm_score,
        CASE
            WHEN r_score >= 4 AND f_score >= 4 THEN
                CASE WHEN m_score >= 4 THEN 'Champions' ELSE 'Loyal Customers' END
            WHEN r_score = 3 AND f_score >= 4 THEN 'Loyal Customers'
            WHEN r_score >= 3 AND f_score = 3 AND m_score >= 4 THEN 'Loyal Customers'
            WHEN r_score >= 4 AND f_score IN (2, 3) THEN 'Potential Loyalists'
            WHEN r_score = 5 THEN 'New Customers'
            WHEN r_score = 4 THEN 'Promising'
            WHEN r_score = 3 AND (f_score = 3 OR f_score = 2 AND m_score >= 3) THEN 'Need Attention'
            WHEN r_score = 3 THEN 'About To Sleep'
            WHEN r_score = 1 AND f_score >= 4 AND m_score >= 4 THEN 'Can''t Lose Them'
            WHEN f_score >= 3 THEN 'At Risk'
            WHEN r_score = 2 OR f_score = 2 AND m_score >= 3 THEN 'Hibernating'
            ELSE 'Lost'
        END AS rfm_segment
    FROM scores
)
SELECT
    customer_id,
    CAST(NULL AS BIGINT) AS age,
    coalesce(age_band, 'UNKNOWN') AS age_band,
    CAST(NULL AS VARCHAR) AS gender,
    'ABSENT' AS club_member_status,
    CAST(NULL AS VARCHAR) AS fashion_news_frequency,
    CAST(NULL AS DOUBLE) AS FN,
    CAST(NULL AS DOUBLE) AS active,
    CAST(NULL AS VARCHAR) AS postal_code_hash,
    known_from,
    getvariable('as_of') - known_from - 1 AS tenure_days,
    COLUMNS('^(transaction_count|unit_count)_')::BIGINT,
    COLUMNS('^(net_)?spent_')::DECIMAL(38, 12),
    COLUMNS('^active_days_'),
    coalesce(COLUMNS('^distinct_articles_'), 0),
    coalesce(order_count, 0) AS order_count,
    items_per_order,
    average_order_value,
    CAST(NULL AS DOUBLE) AS returned_order_share,
    CAST(NULL AS DOUBLE) AS pending_order_share,
    first_purchase_date,
    last_purchase_date,
    gap_days / nullif(gaps, 0) AS interpurchase_mean_days,
    sqrt((gaps * squares - gap_days * gap_days) / nullif(gaps * (gaps - 1), 0)) AS interpurchase_std_days,
    product_type_name AS top_product_type,
    product_group_name AS top_product_group,
    CAST(NULL AS VARCHAR) AS top_colour_group,
    product_type_entropy,
    price_percentile_mean,
    CAST(NULL AS DOUBLE) AS online_share,
    discount_share,
    free_share,
    store_count,
    top_store,
    CAST(NULL AS BIGINT) AS campaigns_received,
    CAST(NULL AS BIGINT) AS campaigns_redeemed,
    CAST(NULL AS BIGINT) AS views_30d,
    CAST(NULL AS BIGINT) AS carts_30d,
    CAST(NULL AS BIGINT) AS purchase_events_30d,
    CAST(NULL AS DOUBLE) AS view_to_cart_30d,
    CAST(NULL AS DOUBLE) AS cart_to_purchase_30d,
    CAST(NULL AS DOUBLE) AS cart_abandonment_30d,
    CAST(NULL AS BIGINT) AS wishlist_size,
    CAST(NULL AS BIGINT) AS cart_size,
    getvariable('as_of') - last_purchase_date - 1 AS recency_days,
    nullif(active_days_lifetime, 0) AS frequency,
    CASE WHEN active_days_lifetime > 0 THEN CAST(spent_lifetime AS DECIMAL(38, 12)) END AS monetary,
    r_score,
    f_score,
    m_score,
    rfm_score,
    rfm_segment
FROM days
JOIN known_customers USING (customer)
LEFT JOIN distinct_articles USING (customer)
LEFT JOIN orders USING (customer)
LEFT JOIN type_habits USING (customer)
LEFT JOIN product_types USING (product_type)
LEFT JOIN group_habits USING (customer)
LEFT JOIN product_groups USING (product_group)
LEFT JOIN price_levels USING (customer)
LEFT JOIN stores USING (customer)
LEFT JOIN segments USING (customer)
ORDER BY customer_id
