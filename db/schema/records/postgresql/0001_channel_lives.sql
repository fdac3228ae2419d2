CREATE TABLE records_version (
  version integer PRIMARY KEY,
  applied timestamptz NOT NULL DEFAULT now()
);

-- Channels whose past is not open to the members of their present life in full. See db/records.hpp.
CREATE TABLE channel_lives (
  channel text COLLATE "C" NOT NULL PRIMARY KEY,  -- casefolded
  begins  uuid             NOT NULL,              -- messages with larger ids can be read
  closed  boolean          NOT NULL               -- whether the present life was ever closed
);
