"""Encrypt fields: which fields, the keys that a database knows, and the change to another key."""
