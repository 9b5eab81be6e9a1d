"""SAMP: results go to programs on the user's own machine, and what these send comes in."""
