CREATE TABLE schema_version (
  version INTEGER PRIMARY KEY,
  applied TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE messages (
  id          BLOB    NOT NULL PRIMARY KEY,  -- UUIDv7: its order is the order of the messages
  channel     TEXT    NOT NULL,              -- casefolded
  nick        TEXT    NOT NULL,
  user_name   TEXT    NOT NULL,
  host        TEXT    NOT NULL,
  kind        INTEGER NOT NULL,              -- 0 PRIVMSG, 1 NOTICE, 2 TAGMSG
  body        TEXT    NOT NULL,
  client_tags TEXT    NOT NULL,
  time        INTEGER NOT NULL               -- milliseconds since 1970, UTC: the id's first 48 bits
) WITHOUT ROWID;

CREATE INDEX messages_of_channel ON messages (channel, id);
