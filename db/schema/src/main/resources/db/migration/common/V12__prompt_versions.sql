-- Which prompt templates a round asked its model with. Null for `verify`, and for rounds before there was a second version.
alter table checkpoint add column prompt_version int;
