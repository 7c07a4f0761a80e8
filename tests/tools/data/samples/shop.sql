-- Nightly build of the shop's marts.
BEGIN;

DROP TABLE IF EXISTS mart.order_value;

CREATE TABLE mart.order_value AS
WITH lines AS (
    SELECT
        i.order_id,
        sum(i.quantity * i.unit_price) AS gross,
        sum(i.quantity * i.unit_price * coalesce(i.discount, 0)) AS discount
    FROM stg.order_items AS i
    GROUP BY i.order_id
),
returned AS (
    SELECT r.order_id, sum(r.amount) AS refunded
    FROM stg.refunds AS r
    WHERE r.state = 'paid'
    GROUP BY 1
)
SELECT
    o.id AS order_id,
    o.customer_id,
    o.placed_at::date AS placed_on,
    l.gross,
    l.gross - l.discount - coalesce(re.refunded, 0) AS net,
    row_number() OVER (PARTITION BY o.customer_id ORDER BY o.placed_at) AS order_number
FROM stg.orders AS o
JOIN lines AS l ON l.order_id = o.id
LEFT JOIN returned AS re ON re.order_id = o.id
WHERE o.status NOT IN ('draft', 'cancelled');

CREATE OR REPLACE VIEW mart.customer_value AS
SELECT
    c.id AS customer_id,
    lower(c.email) AS email,
    CASE WHEN c.vat_id IS NULL THEN 'consumer' ELSE 'business' END AS segment,
    count(v.order_id) AS orders,
    sum(v.net) AS lifetime_value,
    min(v.placed_on) FILTER (WHERE v.order_number = 1) AS first_order_on
FROM stg.customers AS c
LEFT JOIN mart.order_value AS v ON v.customer_id = c.id
GROUP BY c.id, c.email, c.vat_id;

INSERT INTO mart.top_customers (customer_id, lifetime_value)
SELECT cv.customer_id, cv.lifetime_value
FROM mart.customer_value AS cv
WHERE cv.lifetime_value > (SELECT avg(x.lifetime_value) FROM mart.customer_value AS x);

CREATE INDEX ON mart.order_value (customer_id);
COMMIT;
