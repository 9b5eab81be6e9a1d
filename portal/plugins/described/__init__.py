"""Archives and workflows that need no Python: a TOML file says what they are."""
