"""Stories in Chromium against a running site."""
