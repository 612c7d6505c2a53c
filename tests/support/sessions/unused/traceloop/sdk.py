"""Stands for a large package that Chainlit's imports import, and that storing sessions does not use."""

Traceloop = None
