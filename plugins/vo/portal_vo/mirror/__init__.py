"""A copy of the registry on this host, so that it can be searched as one types."""
