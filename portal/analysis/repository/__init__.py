"""Repositories of workflows: found, fetched, changed for one launch, and published."""
