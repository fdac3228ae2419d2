CREATE TABLE records_version (
  version INTEGER PRIMARY KEY,
  applied TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- Channels whose past is not open to the members of their present life in full. See db/records.hpp.
CREATE TABLE channel_lives (
  channel TEXT    NOT NULL PRIMARY KEY,  -- casefolded
  begins  BLOB    NOT NULL,              -- messages with larger ids can be read
  closed  INTEGER NOT NULL               -- 1 if the present life was ever closed
) WITHOUT ROWID;
