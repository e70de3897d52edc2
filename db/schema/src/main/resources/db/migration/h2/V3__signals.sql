-- What NOTIFY and LISTEN are on PostgreSQL: the class lives in the H2 process, which is ours.
create alias atomic_raise for 'dev.atomic.db.SignalBoard.raise';
create alias atomic_await for 'dev.atomic.db.SignalBoard.await';
