"""Real processes, killed at any moment: afterwards everything has happened, and nothing has happened twice."""
