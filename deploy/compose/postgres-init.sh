#!/bin/sh
# Run once by the image of PostgreSQL, when the database is made. The site is no superuser; it may make
# the database in which `manage.py restore --test` tries an archive.
set -eu
psql --no-psqlrc --username postgres --set ON_ERROR_STOP=1 \
    --set password="$(cat /run/secrets/site_password)" <<'SQL'
CREATE ROLE site LOGIN CREATEDB PASSWORD :'password';
CREATE DATABASE site OWNER site TEMPLATE template0 ENCODING 'UTF8';
SQL
