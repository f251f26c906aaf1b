#!/usr/bin/env bash
# Save the seals, the database and the files: deploy/backup.sh FOLDER
# Makes FOLDER/<time> with bihuan.dump (or bihuan.sqlite3), seals.jsonl and SHA256SUMS, whole or not at all, and
# keeps FOLDER/files, which only grows: an original is never rewritten. Settings come from the environment.
set -euo pipefail
umask 077
folder="$(mkdir -p "$1" && cd "$1" && pwd)"
cd "$(dirname "$0")/.."
python="${PYTHON:-.venv/bin/python}"
name="$(date -u +%Y%m%dT%H%M%SZ)"
draft="$folder/$name.part"
mkdir "$draft"

# In this order: every seal of the copy stands in the dump too, and a file is stored before the row that names it.
"$python" manage.py seal --out "$draft/seals.jsonl"
case "${DATABASE_URL:-sqlite}" in
  postgres*) pg_dump --format=custom --no-owner --file="$draft/bihuan.dump" "$DATABASE_URL" ;;
  *) SAVE_INTO="$draft/bihuan.sqlite3" "$python" manage.py shell --no-imports -c "
import os
from django.db import connection
connection.cursor().execute('VACUUM INTO %s', [os.environ['SAVE_INTO']])" ;;
esac
mkdir -p "$folder/files"
for part in evidence files; do
  if [ -d "$BIHUAN_DATA/$part" ]; then rsync -a "$BIHUAN_DATA/$part" "$folder/files/"; fi
done

(cd "$draft" && sha256sum -- * > "$folder/$name.sums" && mv "$folder/$name.sums" SHA256SUMS)
mv "$draft" "$folder/$name"
echo "$folder/$name"
