-- What is known on a day depends on no horizon: it is told once per day, then looked up `horizon` days back.
-- The weighted mean sums y · 2^(n / 7) over the last 28 days, so that one window does for all 28 weights.
WITH wanted AS MATERIALIZED (
    SELECT number, level, unique_id, first_sale AS first_day
    FROM series_days
    WHERE level <> 'article' AND is_merchandise
),
dense AS MATERIALIZED (
    SELECT number, grid.ds, CAST(grid.n AS BIGINT) AS n, coalesce(merchandise_units, 0) AS y
    FROM (
        SELECT number, first_day, n, CAST(first_day + CAST(n AS INTEGER) AS DATE) AS ds
        FROM (SELECT number, first_day, unnest(range(getvariable('as_of') - first_day)) AS n FROM wanted)
    ) AS grid
    LEFT JOIN days USING (number, ds)
),
known AS MATERIALIZED (
    SELECT
        number,
        ds,
        y,
        n + 1 AS known_days,
        y AS lag_1,
        lag(y, 6) OVER ordered AS lag_7,
        lag(y, 13) OVER ordered AS lag_14,
        lag(y, 27) OVER ordered AS lag_28,
        CASE WHEN n + 1 >= 728 THEN lag(y, 363) OVER ordered END AS lag_364,
        CAST(sum(y) OVER week AS BIGINT) AS sum_7,
        CAST(sum(y * y) OVER week AS BIGINT) AS squares_7,
        CAST(sum(y) OVER month AS BIGINT) AS sum_28,
        CAST(sum(y * y) OVER month AS BIGINT) AS squares_28,
        sum(y * pow(2, n / 7)) OVER month / pow(2, n / 7) AS weighted,
        CAST(sum(y) OVER ordered AS BIGINT) AS sum_all
    FROM dense
    WINDOW
        ordered AS (PARTITION BY number ORDER BY n),
        week AS (PARTITION BY number ORDER BY n ROWS 6 PRECEDING),
        month AS (PARTITION BY number ORDER BY n ROWS 27 PRECEDING)
),
told AS (
    SELECT
        number,
        ds,
        known_days,
        lag_1,
        lag_7,
        lag_14,
        lag_28,
        lag_364,
        CASE WHEN known_days >= 7 THEN sum_7 / 7 END AS rolling_mean_7,
        CASE WHEN known_days >= 7 THEN sqrt((7 * squares_7 - sum_7 * sum_7) / 42) END AS rolling_std_7,
        CASE WHEN known_days >= 28 THEN sum_28 / 28 END AS rolling_mean_28,
        CASE WHEN known_days >= 28 THEN sqrt((28 * squares_28 - sum_28 * sum_28) / 756) END
            AS rolling_std_28,
        weighted * (1 - pow(2, -1 / 7)) / (1 - pow(2, -least(known_days, 28) / 7)) AS ewm,
        sum_all / known_days AS expanding_mean
    FROM known
),
horizons AS (
    SELECT unnest([1, 28]) AS horizon
),
wanted_days AS (
    SELECT number, level, unique_id, horizon, CAST(first_day + CAST(n AS INTEGER) AS DATE) AS ds
    FROM (
        SELECT *, unnest(range(getvariable('as_of') - first_day + horizon)) AS n
        FROM wanted CROSS JOIN horizons
    )
),
calendar AS MATERIALIZED (
    SELECT
        ds,
        CAST(isodow(ds) - 1 AS BIGINT) AS dow,
        CAST(week(ds) AS BIGINT) AS week,
        CAST(month(ds) AS BIGINT) AS month,
        round(sin(2 * pi() * (month(ds) - 1) / 12), 15) AS month_sin,
        round(cos(2 * pi() * (month(ds) - 1) / 12), 15) AS month_cos,
        strftime(ds, '%Y-%m-%d') IN (
            '2016-12-25', '2016-12-26', '2017-01-01', '2017-01-02', '2017-01-16', '2017-02-20', '2017-05-29',
            '2017-07-04', '2017-09-04', '2017-10-09', '2017-11-10', '2017-11-11', '2017-11-23', '2017-12-25',
            '2018-01-01', '2018-01-15', '2018-02-19'
        ) AS is_holiday
    FROM (SELECT DISTINCT ds FROM wanted_days)
)
SELECT
    level,
    unique_id,
    wanted_days.ds,
    CAST(horizon AS BIGINT) AS horizon,
    dense.y,
    coalesce(known_days, 0) AS known_days,
    told.* EXCLUDE (number, ds, known_days),
    calendar.* EXCLUDE ds
FROM wanted_days
JOIN calendar ON calendar.ds = wanted_days.ds
LEFT JOIN dense ON dense.number = wanted_days.number AND dense.ds = wanted_days.ds
LEFT JOIN told ON told.number = wanted_days.number AND told.ds = wanted_days.ds - horizon
ORDER BY wanted_days.number, horizon, wanted_days.ds
