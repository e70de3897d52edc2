-- Never less than the jobs that wait to be started first: claims make it too high, and only when it reaches the limit
-- are they counted. As it begins, nobody has counted.
alter table admission_gate add column waiting_at_most bigint default 1000000000000 not null;
