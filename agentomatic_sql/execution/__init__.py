"""Running operations: connections, transactions, retries, batches, deadlines, event loops."""
