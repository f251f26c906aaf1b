"""Forms of the engine's own pages, and what every form shares."""
