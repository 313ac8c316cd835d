#!/usr/bin/env bash
# Lets published clients of the gateway protocol drive the built gateway. Names of clients may follow: openclaw-sdk,
# bamboo-claw, openclaw-webchat-adapter, xsafeclaw, clawmetry, agentwatch, http, openai-chat, openai-responses,
# openai-agents, openai-embeddings, anthropic, litellm, real-model.
#
# The clients are installed under .build/clients, once for each change of Tests/Clients/requirements.txt. Where they
# can't be fetched, this warns and succeeds; with CI or ALULA_CLIENTS=required set, it fails. ALULA_CLIENTS=off skips it.
set -euo pipefail
cd "$(dirname "$0")/.."

PLACE=.build/clients
WANTED=Tests/Clients/requirements.txt
MODE=${ALULA_CLIENTS:-${CI:+required}}

[ "$MODE" != off ] || exit 0

# Ends with a failure where the clients are required, else with a warning.
do_without() {
    if [ "$MODE" = required ]; then
        echo "alula: $1 The clients are required here, so this is a failure." >&2
        exit 1
    fi
    echo "alula: warning: $1 The published clients were not tried; ALULA_CLIENTS=required makes this a failure." >&2
    exit 0
}

missing=()
command -v python3 >/dev/null 2>&1 || missing+=(python3)
python3 -c 'import ensurepip, venv' >/dev/null 2>&1 || missing+=(python3-venv)
command -v curl >/dev/null 2>&1 || missing+=(curl)
if [ ${#missing[@]} -gt 0 ]; then
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "alula: installing ${missing[*]}" >&2
        apt-get update -qq >&2 || true
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >&2 \
            || do_without "These packages could not be installed: ${missing[*]}."
    else
        do_without "These packages are missing: ${missing[*]}. Type: sudo apt-get install -y ${missing[*]}"
    fi
fi
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
    || do_without "Python 3.11 or newer is needed, and this is $(python3 --version)."

# The mark is written last, so that an installation that was cut off is made again.
if ! cmp -s "$WANTED" "$PLACE/installed.txt"; then
    echo "alula: installing the published clients in $PLACE" >&2
    rm -rf "$PLACE"
    mkdir -p "$PLACE"
    python3 -m venv "$PLACE" >&2 || do_without "python3 -m venv failed."
    if ! "$PLACE/bin/python" -m pip install --quiet --no-input --disable-pip-version-check --no-deps \
        --requirement "$WANTED" >"$PLACE/install.log" 2>&1; then
        tail -n 5 "$PLACE/install.log" >&2
        do_without "The clients could not be fetched."
    fi
    cp "$WANTED" "$PLACE/installed.txt"
fi

GATEWAY=${ALULA_BINARY:-$(swift build ${SWIFT_FLAGS:-} --show-bin-path)/alula}
if [ ! -x "$GATEWAY" ]; then
    echo "alula: there is no $GATEWAY; build first: make build" >&2
    exit 1
fi
exec "$PLACE/bin/python" Tests/Clients/run.py "$GATEWAY" "$@"
