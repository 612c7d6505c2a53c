"""Field encryption: which fields are encrypted, which keys a database knows, and how keys change."""
