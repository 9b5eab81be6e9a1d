"""Reading ADQL as people write it: a tree, and findings with their places.

This is wider and stricter than `portal.adql.dialect`, which makes trees that DuckDB can
run: it knows all of ADQL 2.0 and 2.1, tells values from conditions as the grammar does, and
reads on after what it can explain. docs/adr/0008 says why there are two.
"""
