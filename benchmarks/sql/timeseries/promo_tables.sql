-- Promotions as judged, then a row per series and week: an article's own, means over a group's articles.
CREATE TEMP TABLE promotions AS
WITH told AS (
    SELECT
        article_id,
        CAST(date_trunc('week', week) AS DATE) AS week,
        any_value(coalesce(display_share, 0)) AS display_share,
        any_value(coalesce(mailer_share, 0)) AS mailer_share,
        any_value(coalesce(coupon, false)) AS coupon
    FROM landed_promo
    WHERE CAST(date_trunc('week', week) AS DATE) < getvariable('as_of')
        AND coalesce(display_share, 0) BETWEEN 0 AND 1
        AND coalesce(mailer_share, 0) BETWEEN 0 AND 1
    GROUP BY ALL
),
articles AS MATERIALIZED (
    SELECT
        article AS number,
        category,
        week,
        CAST(display_share AS DECIMAL(18, 12)) AS display_share,
        CAST(mailer_share AS DECIMAL(18, 12)) AS mailer_share,
        CAST(coupon AS BIGINT) AS coupons
    FROM told
    JOIN members USING (article_id)
),
categories AS MATERIALIZED (
    SELECT
        category AS number,
        week,
        sum(display_share) AS display_share,
        sum(mailer_share) AS mailer_share,
        sum(coupons) AS coupons
    FROM articles
    GROUP BY ALL
),
totals AS (
    SELECT
        getvariable('total') AS number,
        week,
        sum(display_share) AS display_share,
        sum(mailer_share) AS mailer_share,
        sum(coupons) AS coupons
    FROM categories
    GROUP BY ALL
),
sizes AS (
    SELECT category AS number, count(*) AS n FROM members GROUP BY ALL
    UNION ALL
    SELECT getvariable('total'), count(*) FROM members
),
sums AS (
    SELECT number, week, display_share, mailer_share, coupons FROM categories
    UNION ALL
    SELECT number, week, display_share, mailer_share, coupons FROM totals
)
SELECT
    number,
    week,
    CAST(display_share AS DOUBLE) AS display_share,
    CAST(mailer_share AS DOUBLE) AS mailer_share,
    CAST(coupons AS DOUBLE) AS coupon_share
FROM articles
UNION ALL
SELECT
    number,
    week,
    CAST(display_share AS DOUBLE) / n,
    CAST(mailer_share AS DOUBLE) / n,
    CAST(coupons AS DOUBLE) / n
FROM sums
JOIN sizes USING (number);
