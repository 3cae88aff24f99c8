-- A shop's tables in Postgres, as `kedro shop load` makes them. Columns a shop lacks are left out, and so are
-- tables it lacks. Only keys and indexes of what a landing reads by are made, after the rows are in.
--
-- There are no foreign keys: a shop's history outlives its articles, and rows that refer to nothing are for
-- staging to judge (ml_etl/pipelines/staging/contracts.py), not for a copy to refuse.
-- Amounts are double precision, as in the shops' files, so that a copy changes none. Moments are timestamptz.

CREATE TABLE articles (
    article_id                    text,    -- text, so that leading zeros stay
    product_code                  text,    -- articles that are one product in several colours
    prod_name                     text,
    product_type_no               text,
    product_type_name             text,
    product_group_name            text,
    graphical_appearance_no       text,
    graphical_appearance_name     text,
    colour_group_code             text,
    colour_group_name             text,
    perceived_colour_value_id     text,
    perceived_colour_value_name   text,
    perceived_colour_master_id    text,
    perceived_colour_master_name  text,
    department_no                 text,
    department_name               text,
    index_code                    text,
    index_name                    text,
    index_group_no                text,
    index_group_name              text,
    section_no                    text,
    section_name                  text,
    garment_group_no              text,
    garment_group_name            text,
    detail_desc                   text,
    price                         double precision,
    stock                         double precision,
    is_merchandise                boolean,  -- false: fuel, coupons, gift cards
    in_catalogue                  boolean,  -- false: only seen in transactions
    category_id                   text,     -- leaf of the tree of categories
    image_path                    text,
    created_at                    timestamptz,
    last_updated                  timestamptz
);
ALTER TABLE articles ADD PRIMARY KEY (article_id);

CREATE TABLE categories (
    category_id                   text,
    name                          text,
    parent_category_id            text      -- null: a root
);
ALTER TABLE categories ADD PRIMARY KEY (category_id);

CREATE TABLE customers (
    customer_id                   text,
    fn                            double precision,  -- gets fashion news: 1 or null
    active                        double precision,  -- active for communication: 1 or null
    club_member_status            text,
    fashion_news_frequency        text,
    age                           double precision,
    age_band                      text,
    postal_code                   text,
    signup_date                   date,
    gender                        text
);
ALTER TABLE customers ADD PRIMARY KEY (customer_id);

-- Two equal rows are two purchases, unless transaction_id repeats: no key.
CREATE TABLE transactions (
    transaction_id                text,
    t_dat                         date,     -- the shop's local day
    timestamp                     timestamptz,
    customer_id                   text,
    article_id                    text,
    price                         double precision,  -- of one unit
    quantity                      bigint,   -- negative: a return
    line_value                    double precision,
    paid                          double precision,  -- after coupons
    regular_price                 double precision,  -- of one unit, undiscounted
    unit_of_measure               text,     -- each, or what quantity counts else
    sales_channel_id              bigint,   -- 1 store, 2 online
    store_id                      text,
    basket_id                     text,
    returned_at                   timestamptz
);
CREATE INDEX ON transactions (timestamp);
CREATE INDEX ON transactions (t_dat);

CREATE TABLE orders (
    order_id                      text,
    customer_id                   text,
    order_date                    timestamptz,
    total_amount                  double precision,
    payment_status                text,
    updated_at                    timestamptz
);
ALTER TABLE orders ADD PRIMARY KEY (order_id);
CREATE INDEX ON orders (updated_at);
CREATE INDEX ON orders (order_date);

CREATE TABLE order_items (
    order_item_id                 text,
    order_id                      text,
    article_id                    text,
    quantity                      bigint,
    unit_price                    double precision,
    line_total                    double precision,
    order_date                    timestamptz
);
ALTER TABLE order_items ADD PRIMARY KEY (order_item_id);
CREATE INDEX ON order_items (order_date);

CREATE TABLE promo (
    article_id                    text,
    week                          date,     -- a day of the week it ran in
    display_share                 double precision,
    mailer_share                  double precision,
    coupon                        boolean
);
ALTER TABLE promo ADD PRIMARY KEY (article_id, week);

CREATE TABLE reviews (
    review_id                     text,
    customer_id                   text,
    article_id                    text,
    rating                        double precision,
    title                         text,
    review_text                   text,
    recommended                   boolean,
    helpful_count                 bigint,
    reviewer_age                  double precision,
    category_name                 text,
    created_at                    timestamptz,
    simulated                     boolean,
    pii_found                     boolean   -- an e-mail or phone number was masked
);
ALTER TABLE reviews ADD PRIMARY KEY (review_id);
CREATE INDEX ON reviews (created_at);

-- Arrives late, repeated and out of order: no key.
CREATE TABLE events (
    event_id                      text,
    visitor_id                    text,
    session_id                    text,
    customer_id                   text,     -- null before a login
    event_type                    text,
    article_id                    text,
    campaign_id                   text,
    channel                       text,
    quantity                      double precision,  -- whole units: what is none is quarantined
    price                         double precision,
    created_at                    timestamptz,  -- by the device
    ingested_at                   timestamptz,  -- by the shop
    simulated                     boolean
);
CREATE INDEX ON events (ingested_at);
CREATE INDEX ON events (created_at);
