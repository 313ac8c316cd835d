#!/usr/bin/env bash
# Writes the generated pages under Documentation/Reference, or checks with --check that they are up to date.
set -euo pipefail
cd "$(dirname "$0")/.."
python3 Scripts/upstream_tests.py "$@"
python3 Scripts/reported_cases.py "$@"
# The pages of methods, of commands and of the configuration come from the code, so tests compare them, or write them.
if [[ "${1:-}" == --check ]]; then
    swift test --skip-build --filter "MethodReferenceTests|ConfigurationReferenceTests|CommandReferenceTests"
else
    UPDATE_FIXTURES=1 swift test --filter "MethodReferenceTests|ConfigurationReferenceTests|CommandReferenceTests"
fi
