#!/bin/sh
# Makes DAGSTER_HOME ready from nothing: the folder and its dagster.yaml. An edited one stays.
set -eu
: "${DAGSTER_HOME:?set DAGSTER_HOME to a folder for Dagster}"
mkdir -p "$DAGSTER_HOME"
[ -e "$DAGSTER_HOME/dagster.yaml" ] || cp "$(dirname "$0")/dagster.yaml" "$DAGSTER_HOME/dagster.yaml"
