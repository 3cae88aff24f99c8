-- What also_bought counts: (unit, item) as small integers, the distinct merchandise of each basket (else of
-- each customer's day). Units of more than 200 items keep their best sellers.
CREATE TEMP TABLE together AS
SELECT DISTINCT article_id, coalesce(basket_id, customer_id || ', ' || t_dat) AS unit_id
FROM purchases
WHERE is_merchandise;

CREATE TEMP TABLE items AS
SELECT article_id, CAST(row_number() OVER (ORDER BY article_id) AS INTEGER) AS item
FROM (SELECT DISTINCT article_id FROM together);

CREATE TEMP TABLE units AS
SELECT unit_id, CAST(row_number() OVER () AS INTEGER) AS unit
FROM (SELECT DISTINCT unit_id FROM together);

CREATE TEMP TABLE bought AS
SELECT unit, item FROM together JOIN units USING (unit_id) JOIN items USING (article_id);

DELETE FROM bought USING (
    SELECT unit, item
    FROM bought
    JOIN (SELECT item, count(*) AS sold FROM bought GROUP BY ALL) USING (item)
    WHERE unit IN (SELECT unit FROM bought GROUP BY unit HAVING count(*) > 200)
    QUALIFY row_number() OVER (PARTITION BY unit ORDER BY sold DESC, item) > 200
) AS cut
WHERE bought.unit = cut.unit AND bought.item = cut.item;

CREATE TEMP TABLE sold AS
SELECT item, count(*) AS sold FROM bought GROUP BY item HAVING count(*) >= 3;

CREATE TEMP TABLE frequent AS
SELECT unit, item FROM bought SEMI JOIN sold USING (item);

-- About ten million pairs are met per block of articles, so that their counts fit in memory.
SET VARIABLE blocks = (
    SELECT CAST(ceil(sum(n * (n - 1) / 2) / 1e7) AS INTEGER)
    FROM (SELECT count(*) AS n FROM frequent GROUP BY unit)
);

CREATE TEMP TABLE pairs (item INTEGER, other INTEGER, support BIGINT);
