"""Pages of the entrance, of people and of the auditor's log."""
