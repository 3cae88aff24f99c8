SELECT
    level,
    unique_id,
    category,
    is_merchandise,
    first_sale AS first_day,
    getvariable('as_of') - 1 AS last_day,
    getvariable('as_of') - first_sale AS days,
    first_sale,
    last_sale,
    sold_days,
    idle_days,
    CASE WHEN first_sale > shop_first THEN shop_first END AS before_launch_from,
    CASE WHEN first_sale > shop_first THEN first_sale - 1 END AS before_launch_to,
    CASE WHEN idle_days > 90 THEN last_sale + 1 END AS after_last_sale_from,
    CASE WHEN idle_days > 90 THEN getvariable('as_of') - 1 END AS after_last_sale_to,
    closed_since AS shop_closed_days,
    CAST(NULL AS BIGINT) AS out_of_stock_days
FROM series_days
ORDER BY number
