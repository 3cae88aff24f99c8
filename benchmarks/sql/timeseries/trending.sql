-- Now and a week ago in one pass; hot scores are summed in 10^-24ths, as exactly as the ranks need.
WITH aged AS (
    SELECT number, merchandise_units AS units, getvariable('as_of') - 1 - ds AS age
    FROM days
    WHERE merchandise_units > 0 AND ds >= getvariable('as_of') - 42
),
sums AS (
    SELECT
        number,
        CAST(coalesce(sum(units) FILTER (age < 7), 0) AS BIGINT) AS units_7d,
        CAST(coalesce(sum(units) FILTER (age BETWEEN 7 AND 34), 0) AS BIGINT) AS units_28d_before,
        sum(CAST(units * exp(age * (-ln(2) / 7)) AS DECIMAL(38, 24))) FILTER (age < 35) AS hot,
        CAST(coalesce(sum(units) FILTER (age BETWEEN 7 AND 13), 0) AS BIGINT) AS earlier_7d,
        CAST(coalesce(sum(units) FILTER (age BETWEEN 14 AND 41), 0) AS BIGINT) AS earlier_28d_before,
        sum(CAST(units * exp((age - 7) * (-ln(2) / 7)) AS DECIMAL(38, 24))) FILTER (age >= 7) AS earlier_hot
    FROM aged
    GROUP BY ALL
),
scored AS (
    SELECT
        level,
        unique_id,
        number,
        units_7d,
        units_28d_before,
        (units_7d + 3) / (units_28d_before / 4 + 3) AS growth,
        round((units_7d - units_28d_before / 4) / sqrt(units_28d_before / 4 + 1), 9) AS z,
        round(CAST(hot AS DOUBLE), 9) AS hot,
        round((earlier_7d - earlier_28d_before / 4) / sqrt(earlier_28d_before / 4 + 1), 9) AS earlier_z,
        round(CAST(earlier_hot AS DOUBLE), 9) AS earlier_hot
    FROM sums
    JOIN series_days USING (number)
    WHERE is_merchandise AND level <> 'total'
),
ranked AS (
    SELECT
        *,
        CASE WHEN earlier_hot IS NOT NULL THEN row_number() OVER (
            PARTITION BY level, earlier_hot IS NULL ORDER BY earlier_z DESC, earlier_hot DESC, number
        ) END AS earlier,
        row_number() OVER (PARTITION BY level, hot IS NULL ORDER BY z DESC, hot DESC, number) AS rank
    FROM scored
)
SELECT level, unique_id, units_7d, units_28d_before, growth, z, hot, rank, earlier - rank AS rank_delta
FROM ranked
WHERE hot IS NOT NULL
ORDER BY level, rank
