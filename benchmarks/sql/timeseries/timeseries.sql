-- A promotion is 0 in weeks the shop told of any, and null in the others.
WITH told AS (
    SELECT DISTINCT week FROM promotions
)
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
    CASE WHEN told.week IS NOT NULL THEN coalesce(display_share, 0) END AS display_share,
    CASE WHEN told.week IS NOT NULL THEN coalesce(mailer_share, 0) END AS mailer_share,
    CASE WHEN told.week IS NOT NULL THEN coalesce(coupon_share, 0) END AS coupon_share
FROM (SELECT *, CAST(date_trunc('week', ds) AS DATE) AS week FROM days) AS days
JOIN names USING (number)
LEFT JOIN told USING (week)
LEFT JOIN promotions USING (number, week)
ORDER BY number, ds
