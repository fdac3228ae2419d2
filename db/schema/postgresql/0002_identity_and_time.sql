-- What this database is, said in itself: the home of messages, and which one. One row.
CREATE TABLE identity (
  role text NOT NULL,  -- home
  id   text NOT NULL   -- random, made with the table; a copy of the database has the same
);

INSERT INTO identity (role, id) VALUES ('home', replace(gen_random_uuid()::text, '-', ''));

-- When a message was said. It used to be the id's time always, which may run ahead of the clock.
ALTER TABLE messages ALTER COLUMN time DROP EXPRESSION;
