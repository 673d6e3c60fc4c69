-- Everything that was recorded, and the parties that each entry is about.
create table event (
    position bigint not null,
    recorded timestamptz not null,
    payload bytea not null
);
create table concerns (
    party text not null,
    position bigint not null
);

-- Parties and what they are called. One name each: a simplification in favour of this side.
create table party (
    party text not null,
    name text not null
);

-- Who has which class, and who holds which right: true of days, known at positions.
create table member (
    party text not null,
    class text not null,
    valid daterange not null,
    known int8range not null
);
create table held (
    party text not null,
    "right" text not null,
    class text not null,
    valid daterange not null,
    known int8range not null
);

-- What appends go to.
create table appended (
    position bigserial primary key,
    request text not null unique,
    payload bytea not null,
    hash bytea not null
);
