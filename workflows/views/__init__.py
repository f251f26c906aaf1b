"""Pages of the engine: the calendar."""
