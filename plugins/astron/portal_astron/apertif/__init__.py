"""Apertif: the surveys of the Westerbork telescope, in the archive ALTA."""
