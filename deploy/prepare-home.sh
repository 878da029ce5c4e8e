#!/bin/sh
# Makes DAGSTER_HOME ready from nothing: the folder, its dagster.yaml and its database. An edited yaml stays.
set -eu
: "${DAGSTER_HOME:?set DAGSTER_HOME to a folder for Dagster}"
here=$(dirname "$0")
[ -e "$DAGSTER_HOME/dagster.yaml" ] && exit
mkdir -p "$DAGSTER_HOME"
# Made by one process before several open it at once: two that make the same tables stop each other.
cp "$here/dagster.yaml" "$DAGSTER_HOME/dagster.yaml"
"$here/../.venv/bin/dagster" instance migrate >"$DAGSTER_HOME/prepare.log" 2>&1 || {
    rm "$DAGSTER_HOME/dagster.yaml"
    cat "$DAGSTER_HOME/prepare.log" >&2
    exit 1
}
