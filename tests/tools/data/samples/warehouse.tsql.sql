SET NOCOUNT ON;

SELECT s.sale_id, s.product_code, s.currency, s.amount, s.sold_at
INTO #new_sales
FROM staging.sales AS s
WHERE s.loaded = 0;

MERGE INTO fact.sales AS f
USING (
    SELECT n.sale_id, p.product_key, n.amount * c.to_eur AS amount_eur, CAST(n.sold_at AS date) AS sold_on
    FROM staging.sales AS n
    JOIN dim.product AS p ON p.code = n.product_code AND p.is_current = 1
    JOIN dim.currency AS c ON c.code = n.currency
) AS x
ON f.sale_id = x.sale_id
WHEN MATCHED THEN UPDATE SET f.amount_eur = x.amount_eur, f.product_key = x.product_key
WHEN NOT MATCHED THEN INSERT (sale_id, product_key, amount_eur, sold_on) VALUES (x.sale_id, x.product_key, x.amount_eur, x.sold_on);

UPDATE f
SET f.margin_eur = f.amount_eur - p.unit_cost_eur
FROM fact.sales AS f
JOIN dim.product AS p ON p.product_key = f.product_key;
