"""Workflows: which there are, pages to find them, and those that users add themselves."""
