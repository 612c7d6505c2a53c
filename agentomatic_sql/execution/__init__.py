"""How a statement is run: connections, transactions, retries, batches, deadlines, event loops."""
