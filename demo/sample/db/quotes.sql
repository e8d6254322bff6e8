-- Every quote that was given, so that a customer can come back to it.
create table quote (
    id       integer primary key,
    given_at text    not null default current_timestamp,
    amount   text    not null check (cast(amount as real) > 0),
    months   integer not null check (months between 1 and 480),
    interest text    not null check (cast(interest as real) >= 0),
    rate     text    not null
);
create index quote_by_day on quote (given_at);
