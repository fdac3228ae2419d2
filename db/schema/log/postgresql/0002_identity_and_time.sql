-- What this database is, said in itself: the home of messages, and which one. One row. It is there already where a
-- dump from before has been restored.
CREATE TABLE IF NOT EXISTS identity (
  role text NOT NULL,  -- home
  id   text NOT NULL   -- random, made with the table; a copy of the database has the same
);

INSERT INTO identity (role, id)
SELECT 'home', replace(gen_random_uuid()::text, '-', '') WHERE NOT EXISTS (SELECT FROM identity);

-- When a message was said. It used to be the id's time always, which may run ahead of the clock.
ALTER TABLE messages ALTER COLUMN time DROP EXPRESSION IF EXISTS;
