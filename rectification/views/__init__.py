"""Pages: fetch in scope, validate, call one action, answer."""
