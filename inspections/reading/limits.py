"""How much the reader takes; every sentence that refuses names the limit it comes from."""

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_SHEETS = 50
# One row more than a sheet may have, times the widest table a ledger comes with.
MAX_CELLS = 1_000_000
FIRST_YEAR, LAST_YEAR = 1990, 2100
