-- What this file is, said in itself: a spool, and which one. One row.
CREATE TABLE identity (
  role TEXT NOT NULL,  -- spool
  id   TEXT NOT NULL   -- random, made with the table; a copy of the file has the same
);

INSERT INTO identity (role, id) VALUES ('spool', lower(hex(randomblob(16))));

-- The home that the messages are on their way to: its identity, and its address without password. At most one row.
CREATE TABLE home (
  id      TEXT NOT NULL,
  address TEXT NOT NULL
);

-- 1 if the home refuses this message for ever: it stays here.
ALTER TABLE messages ADD COLUMN set_aside INTEGER NOT NULL DEFAULT 0;
