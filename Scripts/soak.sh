#!/usr/bin/env bash
# Keeps the gateway busy with clients, callers, edits, logins and faults, all at once and for SOAK_SECONDS (600 by default,
# 60 at least), and ends with 1 when an answer was wrong, lost or refused, when anything is left behind, or when memory did
# not stay flat. SOAK_SEED gives the order of another run again. The program is the release build, as it is shipped; with
# SOAK_DEBUG=1 it is the debug build. Linux only; needs a C compiler beside Swift.
set -euo pipefail
cd "$(dirname "$0")/.."

BUILD=release
FLAGS=(-c release --static-swift-stdlib --jobs "${JOBS:-2}")
if [ -n "${SOAK_DEBUG:-}" ]; then
    BUILD=debug
    FLAGS=(--jobs "${JOBS:-2}")
fi
PLACE=$(mktemp -d)
trap 'rm -rf "$PLACE"' EXIT
# First, since they say what is missing on this machine.
Scripts/saboteurs.sh "$PLACE"
for product in alula alula-soak; do
    swift build "${FLAGS[@]}" --product "$product"
done
BINARIES=$(swift build "${FLAGS[@]}" --show-bin-path)

cp "$BINARIES/alula" "$PLACE"
[ "$BUILD" = debug ] || strip "$PLACE/alula"

OPTIONS=(--binaries "$PLACE" --saboteurs "$PLACE" --scratch "$PLACE" --results Benchmarks/Results --build "$BUILD"
    --seconds "${SOAK_SECONDS:-600}")
[ -z "${SOAK_SEED:-}" ] || OPTIONS+=(--seed "$SOAK_SEED")
"$BINARIES/alula-soak" "${OPTIONS[@]}"
