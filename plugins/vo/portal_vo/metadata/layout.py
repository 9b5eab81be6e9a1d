"""The tables of the file that keeps the metadata of one service."""

# A file of another version is as good as none: the service is read again.
FORMAT = 3

TABLES = """
CREATE TABLE service (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE schemas (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, title TEXT NOT NULL, description TEXT NOT NULL
);
CREATE TABLE tables (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, schema TEXT NOT NULL, kind TEXT NOT NULL,
  title TEXT NOT NULL, description TEXT NOT NULL, nrows INTEGER,
  written TEXT NOT NULL, full_key TEXT NOT NULL, last_key TEXT NOT NULL, shown_key TEXT NOT NULL,
  place INTEGER NOT NULL, columns INTEGER NOT NULL DEFAULT 0,
  UNIQUE (name, schema)
);
CREATE TABLE columns (
  table_id INTEGER NOT NULL, place INTEGER NOT NULL, name TEXT NOT NULL, datatype TEXT NOT NULL,
  unit TEXT, ucd TEXT, description TEXT NOT NULL, indexed INTEGER NOT NULL,
  principal INTEGER NOT NULL, delimited INTEGER NOT NULL, PRIMARY KEY (table_id, place)
) WITHOUT ROWID;
CREATE TABLE keys (
  id INTEGER PRIMARY KEY, from_written TEXT NOT NULL, target_written TEXT NOT NULL,
  from_table TEXT, target_table TEXT, columns TEXT NOT NULL, description TEXT NOT NULL
);
CREATE TABLE functions (name TEXT NOT NULL, signature TEXT NOT NULL, description TEXT NOT NULL);
CREATE TABLE facts (category TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL);
CREATE TABLE examples (title TEXT NOT NULL, query TEXT NOT NULL, description TEXT NOT NULL);
"""
# Words are found by their beginning; names that are not quite right by their trigrams.
INDEXES = """
CREATE INDEX tables_by_last_key ON tables (last_key);
CREATE INDEX tables_by_written ON tables (written);
CREATE INDEX tables_by_schema ON tables (schema, place);
CREATE INDEX tables_by_place ON tables (place);
CREATE INDEX keys_by_from ON keys (from_table);
CREATE INDEX keys_by_target ON keys (target_table);
CREATE VIRTUAL TABLE words USING fts5(description, columns, content='', tokenize='unicode61');
CREATE VIRTUAL TABLE trigrams USING fts5(key, content='', tokenize='trigram');
CREATE VIRTUAL TABLE trigram_counts USING fts5vocab(trigrams, row);
"""
FILL = """
UPDATE tables SET columns = (SELECT COUNT(*) FROM columns WHERE table_id = tables.id);
UPDATE keys SET
  from_table = (SELECT name FROM tables WHERE written = from_written ORDER BY id LIMIT 1),
  target_table = (SELECT name FROM tables WHERE written = target_written ORDER BY id LIMIT 1);
INSERT INTO words (rowid, description, columns)
  SELECT id, title || ' ' || description,
    (SELECT GROUP_CONCAT(name || ' ' || description, ' ') FROM columns WHERE table_id = tables.id)
  FROM tables;
INSERT INTO trigrams (rowid, key) SELECT id, shown_key FROM tables;
INSERT OR IGNORE INTO schemas (name, title, description) SELECT DISTINCT schema, '', '' FROM tables;
"""
READ_TABLES = ("schemas", "tables", "columns", "keys")
