"""The shape of input: lengths, dates, places, units, files."""
