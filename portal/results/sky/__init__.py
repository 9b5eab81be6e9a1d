"""Where the rows of a result are on the sky: figures, and their coverage as a MOC."""
