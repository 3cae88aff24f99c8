-- Syntetos, Boylan, Croston by whole weeks of the series' range.
WITH ranges AS (
    SELECT
        number,
        level,
        unique_id,
        CAST(date_trunc('week', first_sale + 6) AS DATE) AS begins,
        greatest((CAST(date_trunc('week', getvariable('as_of')) AS DATE) - begins) // 7, 0) AS weeks
    FROM series_days
    WHERE is_merchandise
),
sold_weeks AS (
    SELECT
        number,
        count(*) AS n,
        CAST(sum(merchandise_units) AS BIGINT) AS total,
        CAST(sum(merchandise_units * merchandise_units) AS BIGINT) AS squares
    FROM weeks
    JOIN ranges USING (number)
    WHERE is_complete AND merchandise_units > 0 AND ds >= begins
    GROUP BY ALL
),
measured AS (
    SELECT
        ranges.*,
        coalesce(n, 0) AS weeks_sold,
        ranges.weeks / n AS adi,
        CAST(n * (n * squares - total * total) AS DOUBLE)
            / nullif(CAST((n - 1) * total * total AS DOUBLE), 0) AS cv2
    FROM ranges
    LEFT JOIN sold_weeks USING (number)
)
SELECT
    level,
    unique_id,
    weeks,
    weeks_sold,
    adi,
    cv2,
    CASE
        WHEN weeks_sold < 2 THEN NULL
        WHEN adi >= 1.32 AND cv2 >= 0.49 THEN 'lumpy'
        WHEN adi >= 1.32 THEN 'intermittent'
        WHEN cv2 >= 0.49 THEN 'erratic'
        ELSE 'smooth'
    END AS demand_class
FROM measured
ORDER BY number
