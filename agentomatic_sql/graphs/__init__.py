"""Store and read the checkpoints of LangGraph graphs. `rows`, `additions`, `listing` and `removal` need no extra."""
