"""Where problems come from: received ledgers read, findings, campaigns, going back to look."""
