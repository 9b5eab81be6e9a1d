"""How the files of a basket come to a session: what is to be fetched, and what fetches it."""
