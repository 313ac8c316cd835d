#!/usr/bin/env bash
# Writes the generated pages under Documentation/Reference, or checks with --check that they are up to date.
set -euo pipefail
cd "$(dirname "$0")/.."
python3 Scripts/upstream_tests.py "$@"
python3 Scripts/reported_cases.py "$@"
python3 Scripts/contract.py "$@"
# The pages of methods, metrics, commands and the configuration come from the code, so tests compare them, or write them.
TESTS="MethodReferenceTests|MetricReferenceTests|ConfigurationReferenceTests|CommandReferenceTests"
if [[ "${1:-}" == --check ]]; then
    swift test --skip-build --filter "$TESTS"
else
    UPDATE_FIXTURES=1 swift test --filter "$TESTS"
fi
