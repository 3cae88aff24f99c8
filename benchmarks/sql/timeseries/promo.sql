SELECT level, unique_id, week, display_share, mailer_share, coupon_share
FROM promotions
JOIN names USING (number)
ORDER BY number, week
