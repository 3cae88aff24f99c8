-- The clickstream from its first row on, by hand: what `kedro run --pipelines events` makes of conf/base.
-- $source: the shop's events; $until: rows that came in before it are known; $categories: article_id, category.

CREATE TABLE once AS
SELECT event_id, coalesce(visitor_id, 'customer:' || customer_id) AS visitor, visitor_id, session_id, customer_id,
    event_type, article_id, campaign_id, channel, quantity::BIGINT AS quantity,
    price::DECIMAL(18, 12) AS price, created_at, ingested_at, coalesce(simulated, false) AS simulated
FROM read_parquet($source)
WHERE ingested_at < $until
    AND event_id IS NOT NULL AND event_type IS NOT NULL AND created_at IS NOT NULL
    AND (visitor_id IS NOT NULL OR customer_id IS NOT NULL)
    AND created_at >= TIMESTAMP '2000-01-01'
    AND created_at <= ingested_at + INTERVAL 5 MINUTE
    AND ingested_at <= created_at + INTERVAL 72 HOUR
    AND (price IS NULL OR price >= 0)
QUALIFY row_number() OVER (
    PARTITION BY event_id ORDER BY ingested_at, article_id NULLS FIRST, created_at, quantity NULLS FIRST
) = 1;

CREATE TABLE stretches AS
WITH ordered AS (
    SELECT *, coalesce(session_id, '') AS stream,
        row_number() OVER w AS position, lag(created_at) OVER w AS previous_at
    FROM once
    WINDOW w AS (PARTITION BY visitor, coalesce(session_id, '') ORDER BY created_at, event_id)
)
SELECT *, sum(CASE WHEN created_at <= previous_at + INTERVAL 30 MINUTE THEN 0 ELSE 1 END) OVER (
    PARTITION BY visitor, stream ORDER BY position ROWS UNBOUNDED PRECEDING)::BIGINT AS stretch
FROM ordered;

-- Few stretches are more than one session: those of a day or more, and those with several customers.
CREATE TABLE split AS
WITH odd AS (
    SELECT visitor, stream, stretch, min(created_at) AS began FROM stretches GROUP BY ALL
    HAVING epoch_ms(date_trunc('second', max(created_at))) - epoch_ms(date_trunc('second', began)) >= 86400000
        OR min(customer_id) <> max(customer_id)
),
cells AS (
    SELECT event_id, visitor, stream, stretch, position, customer_id, began,
        (epoch_ms(date_trunc('second', created_at)) - epoch_ms(date_trunc('second', began))) // 86400000 AS cell
    FROM stretches JOIN odd USING (visitor, stream, stretch)
),
there AS (
    SELECT *, lag(customer_id IGNORE NULLS) OVER (
        PARTITION BY visitor, stream, stretch, cell ORDER BY position) AS customer_before
    FROM cells
)
SELECT event_id, began, cell, sum(CASE WHEN customer_id <> customer_before THEN 1 ELSE 0 END) OVER (
    PARTITION BY visitor, stream, stretch, cell ORDER BY position ROWS UNBOUNDED PRECEDING) AS part
FROM there;

CREATE TABLE stamped AS
WITH busy AS (
    SELECT visitor, date_trunc('hour', created_at) AS hour FROM once GROUP BY ALL HAVING count(*) > 1000
),
parts AS (
    SELECT stretches.*, began, coalesce(cell, 0) AS cell, coalesce(part, 0) AS part, busy.hour IS NOT NULL AS is_busy
    FROM stretches LEFT JOIN split USING (event_id)
        LEFT JOIN busy ON busy.visitor = stretches.visitor AND busy.hour = date_trunc('hour', created_at)
),
keys AS (
    SELECT visitor, stream, stretch, cell, part,
        arg_min(event_id, (ingested_at, event_id)) AS session_key, max(customer_id) AS session_customer_id,
        bool_or(is_busy) AS is_bot, coalesce(min(began), min(created_at)) AS activity_started_at,
        min(position) AS first_position
    FROM parts GROUP BY ALL
)
SELECT parts.* EXCLUDE (stream, stretch, cell, part, began, is_busy), session_key, session_customer_id, is_bot,
    activity_started_at, first_position
FROM parts JOIN keys USING (visitor, stream, stretch, cell, part);

DROP TABLE stretches;
DROP TABLE split;
DROP TABLE once;

CREATE VIEW clock AS SELECT max(ingested_at) AS clock FROM read_parquet($source) WHERE ingested_at < $until;

CREATE TABLE sessions AS
WITH bought AS (
    SELECT session_key, max(position) AS last_purchase FROM stamped WHERE event_type = 'purchase' GROUP BY ALL
),
told AS (
    SELECT stamped.*, last_purchase, coalesce(quantity, 1) AS units,
        CASE event_type WHEN 'add_to_cart' THEN coalesce(quantity, 1)
            WHEN 'remove_from_cart' THEN -coalesce(quantity, 1) ELSE 0 END AS in_cart,
        epoch(date_trunc('second', created_at))::BIGINT AS second,
        epoch(date_trunc('second', previous_at))::BIGINT AS previous_second
    FROM stamped LEFT JOIN bought USING (session_key)
),
described AS (
    SELECT session_key, min(visitor) AS visitor, min(session_id) AS session_id,
        min(session_customer_id) AS customer_id, min(created_at) AS started_at, max(created_at) AS ended_at,
        min(activity_started_at) AS activity_started_at, max(second) - min(second) AS duration_s,
        coalesce(sum(least(second - previous_second, 120)) FILTER (position > first_position), 0)::BIGINT
            AS engaged_s,
        count(*) AS event_count,
        count(*) FILTER (event_type = 'view') AS view_count,
        count(*) FILTER (event_type = 'click') AS click_count,
        count(*) FILTER (event_type = 'wishlist') AS wishlist_count,
        count(*) FILTER (event_type = 'add_to_cart') AS add_to_cart_count,
        count(*) FILTER (event_type = 'remove_from_cart') AS remove_from_cart_count,
        count(*) FILTER (event_type = 'checkout') AS checkout_count,
        count(*) FILTER (event_type = 'purchase') AS purchase_count,
        count(*) FILTER (event_type = 'search') AS search_count,
        count(*) FILTER (event_type NOT IN ('view', 'click', 'wishlist', 'add_to_cart', 'remove_from_cart',
            'checkout', 'purchase', 'search')) AS other_count,
        count(DISTINCT article_id) AS distinct_articles,
        arg_min(event_type, position) AS entry_type,
        arg_min(article_id, position) FILTER (article_id IS NOT NULL) AS entry_article_id,
        arg_max(event_type, position) AS exit_type,
        arg_max(article_id, position) FILTER (article_id IS NOT NULL) AS exit_article_id,
        arg_min(campaign_id, position) FILTER (campaign_id IS NOT NULL) AS campaign_id,
        arg_min(channel, position) FILTER (channel IS NOT NULL) AS channel,
        coalesce(sum(in_cart) FILTER (position > coalesce(last_purchase, -1)), 0)::BIGINT AS cart_items_left,
        sum((price * in_cart)::DECIMAL(38, 12)) FILTER (in_cart <> 0) AS cart_value,
        sum((price * units)::DECIMAL(38, 12)) FILTER (event_type = 'purchase') AS revenue,
        bool_or(event_type = 'purchase') AS converted,
        CASE max(CASE event_type WHEN 'view' THEN 1 WHEN 'click' THEN 1 WHEN 'add_to_cart' THEN 2
                WHEN 'checkout' THEN 3 WHEN 'purchase' THEN 4 END)
            WHEN 1 THEN 'view' WHEN 2 THEN 'add_to_cart' WHEN 3 THEN 'checkout' WHEN 4 THEN 'purchase' END
            AS furthest_step,
        bool_or(is_bot) AS is_bot, bool_or(simulated) AS simulated
    FROM told GROUP BY session_key
),
opened AS (
    SELECT *, ended_at + INTERVAL 30 MINUTE >= clock AS is_open,
        CASE WHEN NOT is_open THEN cart_items_left > 0 END AS cart_abandoned
    FROM described, clock
),
came_back AS (
    SELECT DISTINCT o.session_key
    FROM opened o JOIN stamped p ON p.visitor = o.visitor AND p.event_type = 'purchase'
        AND p.created_at > o.ended_at AND p.created_at <= o.ended_at + INTERVAL 24 HOUR
    WHERE o.cart_abandoned AND coalesce(o.customer_id = p.session_customer_id, true)
)
SELECT opened.* EXCLUDE clock,
    CASE WHEN NOT coalesce(cart_abandoned, false) THEN NULL
        WHEN came_back.session_key IS NOT NULL THEN true
        WHEN ended_at + INTERVAL 24 HOUR < clock THEN false END AS recovered_24h
FROM opened LEFT JOIN came_back USING (session_key);

COPY (
    SELECT event_id, visitor, visitor_id, session_id, customer_id, event_type, article_id, campaign_id, channel,
        quantity, price, created_at, ingested_at, simulated, session_key, session_customer_id, is_bot
    FROM stamped ORDER BY visitor, created_at, event_id
) TO $events (FORMAT parquet, COMPRESSION zstd);
COPY (FROM sessions ORDER BY visitor, started_at, session_key) TO $sessions (FORMAT parquet, COMPRESSION zstd);

CREATE TABLE counts AS
WITH each AS (
    SELECT 'customer' AS level, session_customer_id AS id, * FROM stamped
    WHERE NOT is_bot AND session_customer_id IS NOT NULL
    UNION ALL SELECT 'article', article_id, * FROM stamped WHERE NOT is_bot AND article_id IS NOT NULL
    UNION ALL SELECT 'total', 'all', * FROM stamped
)
SELECT level, id, created_at::DATE AS day, count(*) FILTER (NOT is_bot) AS event_count,
    count(*) FILTER (NOT is_bot AND event_type = 'view') AS view_count,
    count(*) FILTER (NOT is_bot AND event_type = 'click') AS click_count,
    count(*) FILTER (NOT is_bot AND event_type = 'wishlist') AS wishlist_count,
    count(*) FILTER (NOT is_bot AND event_type = 'add_to_cart') AS add_to_cart_count,
    count(*) FILTER (NOT is_bot AND event_type = 'remove_from_cart') AS remove_from_cart_count,
    count(*) FILTER (NOT is_bot AND event_type = 'checkout') AS checkout_count,
    count(*) FILTER (NOT is_bot AND event_type = 'purchase') AS purchase_count,
    count(*) FILTER (NOT is_bot AND event_type = 'search') AS search_count,
    count(*) FILTER (NOT is_bot AND event_type NOT IN ('view', 'click', 'wishlist', 'add_to_cart',
        'remove_from_cart', 'checkout', 'purchase', 'search')) AS other_count,
    count(*) FILTER (is_bot) AS bot_events, bool_or(simulated) AS simulated
FROM each GROUP BY ALL;
COPY (FROM counts ORDER BY level, id, day) TO $daily_counts (FORMAT parquet, COMPRESSION zstd);

COPY (
    WITH aged AS (
        SELECT counts.*, date_diff('day', day, clock::DATE) AS age FROM counts, clock
        WHERE level <> 'total' AND age < 30
    ),
    summed AS (
        SELECT level, id, max(day) AS last_day, bool_or(simulated) AS simulated, {windows}
        FROM aged GROUP BY level, id
    )
    SELECT *, {rates} FROM summed ORDER BY level, id
) TO $behaviour (FORMAT parquet, COMPRESSION zstd);
DROP TABLE counts;

CREATE TABLE steps AS
SELECT e.visitor, session_key, s.started_at::DATE AS session_day, article_id, category, s.campaign_id AS campaign,
    CASE event_type WHEN 'view' THEN 1 WHEN 'click' THEN 1 WHEN 'add_to_cart' THEN 2 WHEN 'checkout' THEN 3
        WHEN 'purchase' THEN 4 END AS step,
    e.created_at AS moment, e.created_at::DATE AS day, event_type = 'add_to_cart' AS is_cart
FROM stamped e JOIN sessions s USING (session_key)
    LEFT JOIN read_parquet($categories) USING (article_id)
WHERE NOT e.is_bot AND step IS NOT NULL;
DROP TABLE stamped;
DROP TABLE sessions;

CREATE TABLE article_steps AS
SELECT article_id AS value, session_key, session_day AS day, step, moment FROM steps WHERE article_id IS NOT NULL
UNION ALL
SELECT value, steps.session_key, session_day, step, moment
FROM steps JOIN (
    SELECT session_key, article_id AS value, min(moment) AS since FROM steps WHERE is_cart AND article_id IS NOT NULL
    GROUP BY ALL
) carts ON carts.session_key = steps.session_key AND moment >= since
WHERE article_id IS NULL;

CREATE TABLE article_paths AS
WITH a AS (
    SELECT value, session_key, day, step, moment, min(moment) FILTER (step = 1) OVER p AS t1 FROM article_steps
    WINDOW p AS (PARTITION BY value, session_key, day)
),
b AS (SELECT *, min(moment) FILTER (step = 2 AND moment >= t1) OVER p AS t2 FROM a
    WINDOW p AS (PARTITION BY value, session_key, day)),
c AS (SELECT *, min(moment) FILTER (step = 3 AND moment >= t2) OVER p AS t3 FROM b
    WINDOW p AS (PARTITION BY value, session_key, day))
SELECT value, session_key, day, max(t1) AS t1, max(t2) AS t2, max(t3) AS t3,
    min(moment) FILTER (step = 4 AND moment >= t3) AS t4, max(step) AS furthest
FROM c GROUP BY value, session_key, day;
COPY (
    SELECT day, value AS article_id, count(*) AS sessions, count(t1) AS strict_view, count(t2) AS strict_add_to_cart,
        count(t3) AS strict_checkout, count(t4) AS strict_purchase,
        count(*) FILTER (furthest >= 1) AS inferred_view, count(*) FILTER (furthest >= 2) AS inferred_add_to_cart,
        count(*) FILTER (furthest >= 3) AS inferred_checkout, count(*) FILTER (furthest >= 4) AS inferred_purchase
    FROM article_paths GROUP BY ALL ORDER BY day, article_id
) TO $funnel_articles (FORMAT parquet, COMPRESSION zstd);
DROP TABLE article_steps;
DROP TABLE article_paths;

CREATE TABLE told AS
WITH attributed AS (
    SELECT 'all' AS dimension, 'all' AS value, visitor, session_key, session_day, step, moment, day FROM steps
    UNION ALL
    SELECT 'campaign', campaign, visitor, session_key, session_day, step, moment, day FROM steps
    WHERE campaign IS NOT NULL
    UNION ALL
    SELECT 'category', category, visitor, session_key, session_day, step, moment, day FROM steps
    WHERE article_id IS NOT NULL AND category IS NOT NULL
    UNION ALL
    SELECT 'category', carts.category, visitor, steps.session_key, session_day, step, moment, day
    FROM steps JOIN (
        SELECT session_key, category, min(moment) AS since FROM steps
        WHERE is_cart AND article_id IS NOT NULL AND category IS NOT NULL GROUP BY ALL
    ) carts ON carts.session_key = steps.session_key AND moment >= since
    WHERE article_id IS NULL
)
SELECT dimension, value, visitor, session_key, session_day, step, min(moment) AS moment, day FROM attributed
WHERE step = 1 GROUP BY ALL
UNION ALL
FROM attributed WHERE step > 1;
DROP TABLE steps;

CREATE TABLE paths AS
WITH began AS (
    SELECT 'session' AS "window", dimension, value, session_key AS entity, session_day AS day,
        min(moment) AS start, min(moment) FILTER (step = 1) AS t1
    FROM told GROUP BY ALL
    UNION ALL
    SELECT "window", dimension, value, visitor, day, min(moment), min(moment) FILTER (step = 1)
    FROM told, (VALUES ('1d'), ('7d')) windows ("window") GROUP BY ALL
),
later AS (
    SELECT began.*, step, moment FROM began JOIN told
        ON began.dimension = told.dimension AND began.value = told.value AND began.entity = told.session_key
    WHERE began."window" = 'session' AND step > 1
    UNION ALL
    SELECT began.*, step, moment FROM began JOIN told
        ON began.dimension = told.dimension AND began.value = told.value AND began.entity = told.visitor
    WHERE began."window" <> 'session' AND step > 1 AND moment >= start
        AND moment <= start + CASE "window" WHEN '1d' THEN INTERVAL 1 DAY ELSE INTERVAL 7 DAY END
),
b AS (SELECT *, min(moment) FILTER (step = 2 AND moment >= t1) OVER p AS t2 FROM later
    WINDOW p AS (PARTITION BY "window", dimension, value, entity, day)),
c AS (SELECT *, min(moment) FILTER (step = 3 AND moment >= t2) OVER p AS t3 FROM b
    WINDOW p AS (PARTITION BY "window", dimension, value, entity, day)),
ends AS (
    SELECT "window", dimension, value, entity, day, max(t2) AS t2, max(t3) AS t3,
        min(moment) FILTER (step = 4 AND moment >= t3) AS t4, max(step) AS furthest
    FROM c GROUP BY ALL
)
SELECT began.* EXCLUDE start, t2, t3, t4, coalesce(furthest, 1) AS furthest
FROM began LEFT JOIN ends USING ("window", dimension, value, entity, day);
DROP TABLE told;

COPY (
    WITH seconds AS (
        SELECT *, epoch(date_trunc('second', t1))::BIGINT AS s1, epoch(date_trunc('second', t2))::BIGINT AS s2,
            epoch(date_trunc('second', t3))::BIGINT AS s3, epoch(date_trunc('second', t4))::BIGINT AS s4
        FROM paths
    ),
    wide AS (
        SELECT "window", day, dimension, value,
            [count(t1), count(t2), count(t3), count(t4)] AS strict,
            [count(*) FILTER (furthest >= 1), count(*) FILTER (furthest >= 2), count(*) FILTER (furthest >= 3),
                count(*) FILTER (furthest >= 4)] AS inferred,
            [NULL, sum(s2 - s1), sum(s3 - s2), sum(s4 - s3)] AS took,
            [NULL, quantile_cont(s2 - s1, 0.5), quantile_cont(s3 - s2, 0.5), quantile_cont(s4 - s3, 0.5)] AS median
        FROM seconds GROUP BY ALL
    )
    SELECT "window", day, dimension, value, n AS step_number, ['view', 'add_to_cart', 'checkout', 'purchase'][n] AS step,
        strict[n] AS reached_strict, inferred[n] AS reached_inferred,
        1 - strict[n + 1] / nullif(strict[n], 0) AS drop_off_strict,
        1 - inferred[n + 1] / nullif(inferred[n], 0) AS drop_off_inferred,
        took[n] / nullif(strict[n], 0) AS mean_step_s, median[n] AS median_step_s
    FROM wide, range(1, 5) numbers (n) WHERE inferred[n] > 0
    ORDER BY ALL
) TO $funnel (FORMAT parquet, COMPRESSION zstd);
