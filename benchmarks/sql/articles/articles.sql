-- One row per article, sold or not. Columns the demo shop lacks are null.
WITH known AS MATERIALIZED (
    SELECT
        *,
        coalesce(regexp_replace(trim(prod_name), '[.\s]+$', ''), '') AS part_0,
        coalesce(regexp_replace(trim(product_type_name), '[.\s]+$', ''), '') AS part_1,
        coalesce(regexp_replace(trim(product_group_name), '[.\s]+$', ''), '') AS part_2,
        coalesce(regexp_replace(trim(index_group_name), '[.\s]+$', ''), '') AS part_3,
        coalesce(regexp_replace(trim(section_name), '[.\s]+$', ''), '') AS part_4,
        coalesce(regexp_replace(trim(detail_desc), '[.\s]+$', ''), '') AS part_5,
        trim(
            CASE WHEN part_0 = '' THEN '' ELSE part_0 || '. ' END
            || CASE WHEN part_1 = '' OR part_1 = part_0 THEN '' ELSE part_1 || '. ' END
            || CASE WHEN part_2 = '' OR part_2 = part_0 OR part_2 = part_1
                THEN '' ELSE part_2 || '. ' END
            || CASE WHEN part_3 = '' OR part_3 = part_0 OR part_3 = part_1 OR part_3 = part_2
                THEN '' ELSE part_3 || '. ' END
            || CASE WHEN part_4 = '' OR part_4 = part_0 OR part_4 = part_1 OR part_4 = part_2 OR part_4 = part_3
                THEN '' ELSE part_4 || '. ' END
            || CASE WHEN part_5 = '' OR part_5 = part_0 OR part_5 = part_1 OR part_5 = part_2 OR part_5 = part_3 OR part_5 = part_4
                THEN '' ELSE part_5 || '. ' END
        ) AS text,
        concat_ws(
            ' / ', nullif(index_group_name, ''), nullif(product_group_name, ''), nullif(product_type_name, '')
        ) AS category_path
    FROM landed_articles
    WHERE article_id <> ''
),
daily AS (
    SELECT
        article_id,
        t_dat,
        count(*) AS lines,
        sum(price) AS total,
        min(price) AS low,
        max(price) AS high,
        max(regular_price) AS regular
    FROM purchases
    WHERE price IS NOT NULL AND line_value <> 0
    GROUP BY ALL
),
prices AS (
    SELECT
        article_id,
        CAST(round(CAST(arg_max(total, t_dat) AS DOUBLE) / arg_max(lines, t_dat), 12) AS DECIMAL(18, 12))
            AS price_last,
        min(low) AS price_min,
        max(high) AS price_max,
        CAST(round(CAST(sum(total) AS DOUBLE) / sum(lines), 12) AS DECIMAL(18, 12)) AS price_mean,
        arg_max(regular, t_dat) FILTER (regular IS NOT NULL) AS price_regular
    FROM daily
    GROUP BY ALL
),
sold AS (
    SELECT article_id, min(t_dat) AS first_sold, max(t_dat) AS last_sold
    FROM purchases
    GROUP BY ALL
),
recent AS (
    SELECT
        article_id,
        count(*) FILTER (age < 7) AS sales_lines_7d,
        CAST(sum(units) FILTER (age < 7) AS BIGINT) AS sales_units_7d,
        count(DISTINCT customer_id) FILTER (age < 7) AS sales_buyers_7d,
        count(*) FILTER (age < 14) AS sales_lines_14d,
        CAST(sum(units) FILTER (age < 14) AS BIGINT) AS sales_units_14d,
        count(DISTINCT customer_id) FILTER (age < 14) AS sales_buyers_14d,
        count(*) AS sales_lines_30d,
        CAST(sum(units) AS BIGINT) AS sales_units_30d,
        count(DISTINCT customer_id) AS sales_buyers_30d
    FROM purchases
    WHERE age < 30
    GROUP BY ALL
),
market AS MATERIALIZED (
    SELECT
        known.article_id,
        product_type_name,
        coalesce(price_regular, price_last) AS price,
        prices.* EXCLUDE article_id,
        sold.* EXCLUDE article_id,
        recent.* EXCLUDE article_id
    FROM known
    LEFT JOIN prices ON prices.article_id = known.article_id
    LEFT JOIN sold ON sold.article_id = known.article_id
    LEFT JOIN recent ON recent.article_id = known.article_id
),
sales_places AS (
    SELECT
        article_id,
        CASE WHEN sales_units_7d > 0 THEN row_number() OVER (
            PARTITION BY product_type_name ORDER BY sales_units_7d DESC, article_id
        ) END AS sales_rank_7d,
        sales_units_7d / nullif(sum(sales_units_7d) OVER own_type, 0) AS share_7,
        CASE WHEN sales_units_14d > 0 THEN row_number() OVER (
            PARTITION BY product_type_name ORDER BY sales_units_14d DESC, article_id
        ) END AS sales_rank_14d,
        sales_units_14d / nullif(sum(sales_units_14d) OVER own_type, 0) AS share_14,
        CASE WHEN sales_units_30d > 0 THEN row_number() OVER (
            PARTITION BY product_type_name ORDER BY sales_units_30d DESC, article_id
        ) END AS sales_rank_30d,
        sales_units_30d / nullif(sum(sales_units_30d) OVER own_type, 0) AS share_30
    FROM market
    WHERE first_sold IS NOT NULL AND product_type_name IS NOT NULL
    WINDOW own_type AS (PARTITION BY product_type_name)
),
valued AS MATERIALIZED (
    SELECT article_id, product_type_name, CAST(price AS DOUBLE) AS value
    FROM market
    WHERE price IS NOT NULL AND product_type_name IS NOT NULL
),
medians AS MATERIALIZED (
    SELECT
        product_type_name,
        median(value) AS median,
        min(value) AS lowest,
        max(value) AS highest,
        count(*) AS n
    FROM valued
    GROUP BY ALL
),
spreads AS (
    SELECT product_type_name, median(abs(value - median)) AS mad
    FROM valued JOIN medians USING (product_type_name)
    GROUP BY ALL
),
price_places AS (
    SELECT
        article_id,
        (rank() OVER by_value + (count(*) OVER equal + 1) / 2 - 1.5) / n AS price_percentile,
        (value - lowest) / nullif(highest - lowest, 0) AS price_minmax,
        (value - median) / nullif(mad * 1.4826::DOUBLE, 0) AS price_robust_z
    FROM valued
    JOIN medians USING (product_type_name)
    JOIN spreads USING (product_type_name)
    WINDOW
        by_value AS (PARTITION BY product_type_name ORDER BY value),
        equal AS (PARTITION BY product_type_name, value)
)
SELECT
    known.article_id,
    CAST(NULL AS VARCHAR) AS product_code,
    known.prod_name,
    CAST(NULL AS VARCHAR) AS product_type_no,
    known.product_type_name,
    known.product_group_name,
    CAST(NULL AS VARCHAR) AS graphical_appearance_no,
    CAST(NULL AS VARCHAR) AS graphical_appearance_name,
    CAST(NULL AS VARCHAR) AS colour_group_code,
    CAST(NULL AS VARCHAR) AS colour_group_name,
    CAST(NULL AS VARCHAR) AS perceived_colour_value_id,
    CAST(NULL AS VARCHAR) AS perceived_colour_value_name,
    CAST(NULL AS VARCHAR) AS perceived_colour_master_id,
    CAST(NULL AS VARCHAR) AS perceived_colour_master_name,
    CAST(NULL AS VARCHAR) AS department_no,
    CAST(NULL AS VARCHAR) AS department_name,
    CAST(NULL AS VARCHAR) AS index_code,
    CAST(NULL AS VARCHAR) AS index_name,
    CAST(NULL AS VARCHAR) AS index_group_no,
    known.index_group_name,
    CAST(NULL AS VARCHAR) AS section_no,
    known.section_name,
    CAST(NULL AS VARCHAR) AS garment_group_no,
    CAST(NULL AS VARCHAR) AS garment_group_name,
    known.detail_desc,
    price,
    CAST(NULL AS DOUBLE) AS stock,
    is_merchandise,
    in_catalogue,
    CAST(NULL AS VARCHAR) AS category_id,
    CAST(NULL AS VARCHAR) AS image_path,
    CAST(NULL AS TIMESTAMP) AS created_at,
    CAST(NULL AS TIMESTAMP) AS last_updated,
    nullif(category_path, '') AS category_path,
    nullif(
        (coalesce(known.index_group_name, '') <> '')::BIGINT
        + (coalesce(known.product_group_name, '') <> '')::BIGINT
        + (coalesce(known.product_type_name, '') <> '')::BIGINT,
        0
    ) AS category_depth,
    false AS description_filled,
    coalesce(length(detail_desc), 0) AS desc_length,
    detail_desc IS NOT NULL AS has_description,
    false AS has_image,
    text,
    price_last,
    price_min,
    price_max,
    price_mean,
    price_regular,
    CASE WHEN price_regular > 0 THEN greatest(1 - CAST(price_last AS DOUBLE) / CAST(price_regular AS DOUBLE), 0) END
        AS discount_depth,
    CASE WHEN price_max > 0 THEN greatest(1 - CAST(price_last AS DOUBLE) / CAST(price_max AS DOUBLE), 0) END
        AS discount_vs_max,
    price_percentile,
    price_minmax,
    price_robust_z,
    CAST(NULL AS DOUBLE) AS stock_percentile,
    CAST(NULL AS DOUBLE) AS stock_minmax,
    CAST(NULL AS DOUBLE) AS stock_robust_z,
    coalesce(sales_lines_7d, 0) AS sales_lines_7d,
    coalesce(sales_units_7d, 0) AS sales_units_7d,
    coalesce(sales_buyers_7d, 0) AS sales_buyers_7d,
    sales_rank_7d,
    CASE WHEN sales_units_7d > 0 THEN share_7 END AS sales_share_7d,
    coalesce(sales_lines_14d, 0) AS sales_lines_14d,
    coalesce(sales_units_14d, 0) AS sales_units_14d,
    coalesce(sales_buyers_14d, 0) AS sales_buyers_14d,
    sales_rank_14d,
    CASE WHEN sales_units_14d > 0 THEN share_14 END AS sales_share_14d,
    coalesce(sales_lines_30d, 0) AS sales_lines_30d,
    coalesce(sales_units_30d, 0) AS sales_units_30d,
    coalesce(sales_buyers_30d, 0) AS sales_buyers_30d,
    sales_rank_30d,
    CASE WHEN sales_units_30d > 0 THEN share_30 END AS sales_share_30d,
    CAST(NULL AS DOUBLE) AS online_share,
    CAST(NULL AS DOUBLE) AS buyer_age_mean,
    first_sold,
    last_sold,
    first_sold AS known_from,
    last_sold - first_sold + 1 AS lifecycle_days,
    sha256(text || chr(10)) AS content_hash,
    'new' AS change_type
FROM known
JOIN market ON market.article_id = known.article_id
LEFT JOIN sales_places ON sales_places.article_id = known.article_id
LEFT JOIN price_places ON price_places.article_id = known.article_id
ORDER BY known.article_id
