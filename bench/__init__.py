"""Measures what a step, a page of the ledger and an inbox cost at a province's size."""
