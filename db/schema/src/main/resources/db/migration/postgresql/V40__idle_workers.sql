-- Two turns more: to look for jobs of lost workers, once a second, and to remove what leads nowhere.
insert into maintenance_turn (name, due_at) values ('recovery', current_timestamp), ('cleaning', current_timestamp);
