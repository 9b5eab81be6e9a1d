"""An archive portal: find, query, look at, collect and analyse data of astronomical archives."""
