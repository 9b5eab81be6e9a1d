"""What programs ask before they run something: can you run this, and where (IVOA drafts)."""
