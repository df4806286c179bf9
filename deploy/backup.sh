#!/bin/sh
# Dumps the database of DATABASE_OWNER_URL into a folder, as two files: everything but people's data keys, and the data keys alone.
#
#   deploy/backup.sh /backups/database /backups/keys
#
# Keep the files of the second folder for as short as you dare (days): a person is erased in the backups of the first one when the last file
# of the second one that still holds their key is gone. To restore: pg_restore the first, then the newest file of the second.
set -eu
umask 077
database="${1:?folder of dumps}" keys="${2:?folder of dumps of keys}"
url="${DATABASE_OWNER_URL:?the address of the database as the role that owns the tables}"
stamp="$(date -u +%Y%m%dT%H%M%SZ)"
# The keys come last: a person who came in between has a key without rows, and never rows without a key.
pg_dump --format=custom --exclude-table-data=public.core_subjectkey --file="$database/$stamp.dump" "$url"
pg_dump --format=custom --data-only --table=public.core_subjectkey --file="$keys/$stamp.keys" "$url"
