-- What each host's agent says of its providers and their models, as JSON: for who chooses a model while no worker is up.
create table agent (
    host      varchar(255)             primary key,
    providers text                     not null,
    told_at   timestamp(3) with time zone not null
);
