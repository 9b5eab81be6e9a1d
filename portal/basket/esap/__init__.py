"""The current basket in the way that ESAP showed it, for programs that were written for that."""
