"""Archives that need no Python: a TOML file says what they are and how they are asked."""
