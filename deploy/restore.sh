#!/usr/bin/env bash
# Put a back-up into an empty database and an empty folder, and prove it: deploy/restore.sh FOLDER/<time>
# DATABASE_URL and BIHUAN_DATA say where to; they must not be those of the running installation.
set -euo pipefail
umask 027
saved="$(cd "$1" && pwd)"
cd "$(dirname "$0")/.."
python="${PYTHON:-.venv/bin/python}"

(cd "$saved" && sha256sum --check --quiet SHA256SUMS)
mkdir -p "$BIHUAN_DATA"
if [ -n "$(ls -A "$BIHUAN_DATA")" ]; then
  echo "$BIHUAN_DATA is not empty; a restore goes into an empty folder." >&2
  exit 1
fi
case "${DATABASE_URL:-sqlite}" in
  # Stops at the first error, such as a table that is there already, and leaves nothing half done.
  postgres*) pg_restore --no-owner --single-transaction --dbname="$DATABASE_URL" "$saved/bihuan.dump" ;;
  *) cp "$saved/bihuan.sqlite3" "$BIHUAN_DATA/bihuan.sqlite3" ;;
esac
rsync -a "$(dirname "$saved")/files/" "$BIHUAN_DATA/"

"$python" manage.py migrate --verbosity 0
"$python" manage.py check --database default
"$python" manage.py verify_ledger --files --seal-file "$saved/seals.jsonl"
