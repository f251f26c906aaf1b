"""Reading the ledgers that governments send, without a database."""
