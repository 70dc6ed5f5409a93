#!/bin/sh
# Run by the PostgreSQL image when it has made a new volume: the role of silos and front doors. Its rights come from `migrate`.
set -eu

# Outside the heredoc's own expansion: psql quotes the password.
psql --no-psqlrc --set=ON_ERROR_STOP=1 --set=password="$HOLDFAST_PASSWORD" --username="${POSTGRES_USER:-postgres}" --dbname="$POSTGRES_DB" <<'SQL'
CREATE ROLE holdfast LOGIN PASSWORD :'password';
SQL
