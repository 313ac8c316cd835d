#!/usr/bin/env bash
# Writes the generated pages under Documentation/Reference, or checks with --check that they are up to date.
set -euo pipefail
cd "$(dirname "$0")/.."
exec python3 Scripts/upstream_tests.py "$@"
