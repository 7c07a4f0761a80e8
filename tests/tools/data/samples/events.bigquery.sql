CREATE OR REPLACE TABLE `web.core.sessions`
PARTITION BY day
AS
SELECT
  e.session_id,
  ANY_VALUE(u.country) AS country,
  DATE(MIN(e.ts)) AS day,
  COUNTIF(e.name = 'page_view') AS pageviews,
  ARRAY_AGG(e.page ORDER BY e.ts LIMIT 1)[OFFSET(0)] AS landing_page,
  TIMESTAMP_DIFF(MAX(e.ts), MIN(e.ts), SECOND) AS seconds
FROM `web.raw.events` AS e
LEFT JOIN `web.raw.users` AS u USING (user_id)
GROUP BY e.session_id;

CREATE OR REPLACE VIEW `web.report.daily` AS
SELECT
  s.day,
  s.country,
  COUNT(*) AS sessions,
  SUM(s.pageviews) AS pageviews,
  SAFE_DIVIDE(SUM(IF(s.pageviews = 1, 1, 0)), COUNT(*)) AS bounce_rate
FROM `web.core.sessions` AS s
GROUP BY s.day, s.country;
