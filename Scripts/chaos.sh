#!/usr/bin/env bash
# Builds everything in release mode and runs the gateway under each fault alone and under all together.
# CHAOS_QUICK=1 tries a few for a short time. Further arguments go to the runner: --only NAME,… or --agents N;
# `Scripts/chaos.sh list` prints the names. Ends with 1 when an answer was lost or wrong.
set -euo pipefail
cd "$(dirname "$0")/.."

FLAGS=(-c release --static-swift-stdlib --jobs "${JOBS:-2}")
if [ "${1:-}" = list ]; then
    swift build "${FLAGS[@]}" --product alula-chaos >/dev/null
    exec "$(swift build "${FLAGS[@]}" --show-bin-path)/alula-chaos" list
fi
PLACE=$(mktemp -d)
trap 'rm -rf "$PLACE"' EXIT
# First, since they say what is missing on this machine.
Scripts/saboteurs.sh "$PLACE"
[ -x "$PLACE/slowfs" ] || echo "chaos: no FUSE here (on Debian: libfuse3-dev and fuse3, and /dev/fuse)." >&2
for product in alula alula-chaos alula-bench-prober; do
    swift build "${FLAGS[@]}" --product "$product"
done
BINARIES=$(swift build -c release --static-swift-stdlib --show-bin-path)

cp "$BINARIES"/alula "$BINARIES"/alula-bench-prober "$PLACE"
strip "$PLACE/alula"

# Mounts of its own, which nobody else sees and which end with the run.
SPACE=(unshare --mount --propagation private)
[ "$(id -u)" -eq 0 ] || SPACE=(unshare --user --map-root-user --mount --propagation private)
if ! "${SPACE[@]}" true 2>/dev/null; then
    echo "chaos: no private mounts here; faults that need one are left out." >&2
    SPACE=(env)
    set -- --without mounts "$@"
fi

OPTIONS=(--binaries "$PLACE" --saboteurs "$PLACE" --results Benchmarks/Results --readme README.md
    --scratch "$PLACE")
[ -z "${CHAOS_QUICK:-}" ] || OPTIONS+=(--quick)
"${SPACE[@]}" "$BINARIES/alula-chaos" faults "${OPTIONS[@]}" "$@"
