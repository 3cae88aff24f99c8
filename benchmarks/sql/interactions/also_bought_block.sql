-- The pairs of one block of articles; each pair is counted once, from its smaller item.
INSERT INTO pairs
SELECT first.item, second.item, count(*) AS support
FROM frequent AS first
JOIN frequent AS second ON first.unit = second.unit AND first.item < second.item
WHERE first.item % getvariable('blocks') = getvariable('block')
GROUP BY ALL
HAVING count(*) >= 3
