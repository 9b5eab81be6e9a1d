"""Pages that are answered from the copy of the registry."""
