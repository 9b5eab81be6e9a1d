"""What is known of TAP services: read by a job, kept in one file for each, browsed from there."""
