SELECT
    level,
    unique_id,
    ds,
    units,
    merchandise_units,
    lines,
    revenue,
    buyers,
    CAST(priced_value AS DOUBLE) / CAST(priced_units AS DOUBLE) AS mean_price,
    1 - CAST(asked_value AS DOUBLE) / nullif(CAST(regular_value AS DOUBLE), 0) AS discount_depth,
    is_complete
FROM weeks
JOIN names USING (number)
ORDER BY number, ds
