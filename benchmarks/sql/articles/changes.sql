-- A first release: every article is new.
SELECT article_id, change_type, content_hash, CAST(NULL AS VARCHAR) AS previous_hash
FROM articles
ORDER BY article_id
