"""Compare a database with the revisions: its own version, and objects of others under names that we need."""
