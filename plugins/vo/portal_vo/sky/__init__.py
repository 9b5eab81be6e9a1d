"""Places and regions of the sky as cells, and what part of it a resource covers."""
