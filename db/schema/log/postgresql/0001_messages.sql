CREATE TABLE schema_version (
  version integer PRIMARY KEY,
  applied timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE messages (
  id          uuid             NOT NULL PRIMARY KEY,  -- UUIDv7: its order is the order of the messages
  channel     text COLLATE "C" NOT NULL,              -- casefolded
  nick        text             NOT NULL,
  user_name   text             NOT NULL,
  host        text             NOT NULL,
  kind        smallint         NOT NULL,              -- 0 PRIVMSG, 1 NOTICE, 2 TAGMSG
  body        text             NOT NULL,
  client_tags text             NOT NULL,
  -- The id's first 48 bits, milliseconds since 1970.
  time        timestamptz      NOT NULL GENERATED ALWAYS AS (
    to_timestamp(('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint / 1000.0)) STORED
);

CREATE INDEX messages_of_channel ON messages (channel, id);
