-- What this file is, said in itself: the home of messages, and which one. One row.
CREATE TABLE identity (
  role TEXT NOT NULL,  -- home
  id   TEXT NOT NULL   -- random, made with the table; a copy of the file has the same
);

INSERT INTO identity (role, id) VALUES ('home', lower(hex(randomblob(16))));
