"""What is copied of the registry, and the tables of the copy.

Of the registry: the columns of RegTAP 1.1 (section 8) and 1.2 (coverage) that searches and
pages use. Of the copy: one compressed document for each resource, and tables to find it by.
"""

TABLES: dict[str, tuple[str, ...]] = {
    "resource": (
        "ivoid", "res_type", "created", "short_name", "res_title", "updated", "content_level",
        "res_description", "reference_url", "creator_seq", "content_type", "source_format",
        "source_value", "res_version", "waveband", "rights", "rights_uri",
    ),
    "capability": ("ivoid", "cap_index", "cap_type", "cap_description", "standard_id"),
    "interface": (
        "ivoid", "cap_index", "intf_index", "intf_type", "intf_role", "std_version",
        "url_use", "access_url", "mirror_url",
    ),
    "res_role": ("ivoid", "role_name", "role_ivoid", "email", "base_role"),
    "res_subject": ("ivoid", "res_subject"),
    "res_table": (
        "ivoid", "table_index", "table_name", "table_title", "table_description", "table_type",
        "table_utype",
    ),
    "table_column": (
        "ivoid", "table_index", "name", "ucd", "unit", "utype", "datatype", "column_description",
    ),
    "res_detail": ("ivoid", "cap_index", "detail_xpath", "detail_value"),
    "res_date": ("ivoid", "date_value", "value_role"),
    "relationship": ("ivoid", "relationship_type", "related_id", "related_name"),
    "alt_identifier": ("ivoid", "alt_identifier"),
    "stc_spatial": ("ivoid", "coverage", "ref_system_name"),
    "stc_temporal": ("ivoid", "time_start", "time_end"),
    "stc_spectral": ("ivoid", "spectral_start", "spectral_end"),
}  # fmt: skip

VERSION = 1  # of the tables below: a copy of another version is made anew
SCHEMA = f"""
PRAGMA user_version = {VERSION};
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE resource (
  rid INTEGER PRIMARY KEY, ivoid TEXT NOT NULL UNIQUE, updated TEXT NOT NULL,
  sort_title TEXT NOT NULL, services INTEGER NOT NULL, wavebands INTEGER NOT NULL,
  fraction REAL, card TEXT NOT NULL
);
CREATE INDEX resource_order ON resource (sort_title, rid, services, wavebands);
CREATE TABLE record (rid INTEGER PRIMARY KEY, document BLOB NOT NULL);
CREATE VIRTUAL TABLE words USING fts5 (
  title, short_name, subjects, creators, publisher, tables, description,
  tokenize = 'porter unicode61 remove_diacritics 2', prefix = '2 3'
);
CREATE TABLE vocabulary (word TEXT PRIMARY KEY, uses INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE value (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (kind, value)
);
CREATE TABLE use (
  value_id INTEGER NOT NULL, rid INTEGER NOT NULL, PRIMARY KEY (value_id, rid)
) WITHOUT ROWID;
CREATE INDEX use_of ON use (rid);
CREATE TABLE span (kind TEXT NOT NULL, low REAL NOT NULL, high REAL NOT NULL, rid INTEGER NOT NULL);
CREATE INDEX span_low ON span (kind, low);
CREATE INDEX span_of ON span (rid);
CREATE TABLE coverage (rid INTEGER PRIMARY KEY, is_all_sky INTEGER NOT NULL, ranges BLOB NOT NULL);
CREATE INDEX coverage_all_sky ON coverage (rid) WHERE is_all_sky;
CREATE TABLE sky (
  cell INTEGER NOT NULL, rid INTEGER NOT NULL, PRIMARY KEY (cell, rid)
) WITHOUT ROWID;
CREATE INDEX sky_of ON sky (rid);
"""
# bm25: title, short name, subjects, creators, publisher, tables, description
WEIGHTS = "10.0, 10.0, 5.0, 3.0, 2.0, 1.0, 1.0"
