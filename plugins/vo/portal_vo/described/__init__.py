"""Archives that are described in TOML and speak a protocol of the Virtual Observatory."""
