"""What a row leads to: its links (DataLink 1.1), cut-outs (SODA 1.0), tables and previews."""
