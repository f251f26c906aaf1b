"""Telling people: what has happened, to whom, by which channel."""
