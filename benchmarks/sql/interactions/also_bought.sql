-- Per article the 20 others met most, by cosine, ties by id. For one article cosine orders as support²/n
-- does: a quotient of whole numbers, so that ties are exact.
WITH ranked AS (
    SELECT
        pair.item,
        pair.other,
        support,
        sold.sold AS other_sold,
        row_number() OVER (
            PARTITION BY pair.item ORDER BY support * support / other_sold DESC, pair.other
        ) AS rank
    FROM (
        FROM pairs
        UNION ALL
        SELECT other, item, support FROM pairs
    ) AS pair
    JOIN sold ON sold.item = pair.other
    QUALIFY rank <= 20
)
SELECT
    article.article_id,
    related.article_id AS related_article_id,
    support,
    support / sqrt(sold * other_sold) AS cosine,
    support / (sold + other_sold - support) AS jaccard,
    support * (SELECT count(*) FROM units) / (sold * other_sold) AS lift,
    rank
FROM ranked
JOIN sold USING (item)
JOIN items AS article USING (item)
JOIN items AS related ON related.item = other
ORDER BY article.article_id, rank
