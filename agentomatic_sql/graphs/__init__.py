"""What LangGraph graphs store, and the saver that stores it; the files about statements need no extra."""
