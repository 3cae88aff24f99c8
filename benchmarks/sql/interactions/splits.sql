-- One row per (customer_id, article_id, t_dat): the last 28 days are test, the 28 before them validation.
-- Who was not seen before validation begins is cold.
SELECT
    customer_id,
    article_id,
    t_dat,
    purchase_count,
    CASE
        WHEN t_dat < getvariable('as_of') - 56 THEN 'train'
        WHEN t_dat < getvariable('as_of') - 28 THEN 'validation'
        ELSE 'test'
    END AS split,
    customer_index.first_seen >= getvariable('as_of') - 56 AS cold_customer,
    article_index.first_seen >= getvariable('as_of') - 56 AS cold_article
FROM days
JOIN customer_index USING (customer_id)
JOIN article_index USING (article_id)
ORDER BY customer_id, article_id, t_dat
