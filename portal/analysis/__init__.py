"""Analysis: workflows, the facilities that run them, launches, and sessions."""
