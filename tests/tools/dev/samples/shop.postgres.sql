CREATE TYPE order_status AS ENUM ('open', 'paid', 'sent');
CREATE TABLE customer (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email varchar(255) NOT NULL UNIQUE,
    name text NOT NULL,
    balance numeric(12, 2) NOT NULL DEFAULT 0 CHECK (balance >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    referrer_id bigint REFERENCES customer (id) ON DELETE SET NULL
);
CREATE TABLE orders (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    customer_id bigint NOT NULL REFERENCES customer,
    status order_status NOT NULL DEFAULT 'open',
    placed_at timestamptz NOT NULL DEFAULT now(),
    latest_payment_id bigint,
    note text DEFAULT 'none',
    meta jsonb DEFAULT '{}'::jsonb,
    tags text[],
    gross numeric GENERATED ALWAYS AS (1 + 2) STORED,
    CONSTRAINT placed CHECK (placed_at > '2020-01-01' AND (note IS NULL OR length(note) < 500))
);
CREATE TABLE payment (
    id bigserial PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES orders (id) ON DELETE CASCADE ON UPDATE CASCADE,
    amount numeric(12,2) NOT NULL,
    "Reference No" varchar(40),
    "order" int
);
ALTER TABLE orders ADD CONSTRAINT orders_payment FOREIGN KEY (latest_payment_id) REFERENCES payment (id);
CREATE INDEX orders_by_day ON orders (placed_at DESC, customer_id);
CREATE UNIQUE INDEX one_open ON orders (customer_id) WHERE status = 'open';
CREATE INDEX ON customer (lower(email));
COMMENT ON TABLE customer IS 'Who''s buying';
COMMENT ON COLUMN customer.email IS 'Where to write';
GRANT SELECT ON orders TO analyst;
