"""Pages about jobs: the list, one job that follows itself, and what its owner can do with it."""
