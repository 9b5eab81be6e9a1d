"""Services that are asked by position, one GET for each: Cone Search, SIA 1 and 2, SSA."""
