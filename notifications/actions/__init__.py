"""Everything of this app that writes."""
