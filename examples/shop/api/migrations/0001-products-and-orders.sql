create table products (
    id          integer generated always as identity primary key,
    name        text    not null unique check (name <> ''),
    description text    not null default '',
    price_cents integer not null check (price_cents >= 0),
    stock       integer not null default 0 check (stock >= 0),
    shape       text    not null default 'bowl' check (shape in ('bowl', 'mug', 'plate', 'vase', 'jug')),
    glaze       text    not null default '#8a9a86' check (glaze ~ '^#[0-9a-f]{6}$'),
    created_at  timestamptz not null default now()
);

create table orders (
    id           integer generated always as identity primary key,
    product_id   integer not null references products,
    quantity     integer not null check (quantity > 0),
    amount_cents integer not null check (amount_cents >= 0),
    status       text    not null default 'pending' check (status in ('pending', 'paid', 'cancelled')),
    payment_id   text,
    created_at   timestamptz not null default now()
);

create index orders_by_product on orders (product_id);
