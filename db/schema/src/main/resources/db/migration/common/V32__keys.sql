-- Who may use the api. Of a key only the hash is kept: it has 256 random bits, so that a slow hash would add nothing.
create table api_key (
    id          varchar(16)              primary key,
    tenant_id   varchar(64)              not null,
    name        varchar(100)             not null,
    hash        char(64)                 not null,
    scopes      varchar(100)             not null,
    created_at  timestamp(3) with time zone not null,
    expires_at  timestamp(3) with time zone,
    revoked_at  timestamp(3) with time zone,
    -- true or null: of several api processes that start at once, one makes the first key
    is_first    boolean                  unique
);
-- What a browser opens a WebSocket with, once and soon: it can't send a header there, and an address is no place for a key.
create table api_ticket (
    hash        char(64)                 primary key,
    tenant_id   varchar(64)              not null,
    name        varchar(100)             not null,
    scopes      varchar(100)             not null,
    -- null for a caller without a key
    key_id      varchar(16)              references api_key (id) on delete cascade,
    expires_at  timestamp(3) with time zone not null
);
create index api_ticket_expiry on api_ticket (expires_at);
