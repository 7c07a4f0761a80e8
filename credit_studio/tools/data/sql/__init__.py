"""SQL read for what flows where: statements, tracing, graphs. Parsed, never run; knows nothing of how a result is shown beyond its picture."""
