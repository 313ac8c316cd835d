#!/usr/bin/env bash
# Builds what people install: dist/alula-VERSION-linux-ARCH.tar.gz, dist/alula_VERSION_ARCH.deb and dist/SHA256SUMS.
# The same commit and toolchain give the same bytes. ALULA_BINARY names a finished binary in place of a release build.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C TZ=UTC
umask 022

OUT=dist
CHECKOUTS=.build/checkouts
[ "$(uname -s)" = Linux ] || { echo "alula: packages are made on Linux." >&2; exit 69; }
missing=()
command -v strip >/dev/null 2>&1 || missing+=(binutils)
command -v python3 >/dev/null 2>&1 || missing+=(python3)
command -v dpkg-shlibdeps >/dev/null 2>&1 || missing+=(dpkg-dev)
if [ ${#missing[@]} -gt 0 ]; then
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        echo "alula: these packages are missing: ${missing[*]}. Type: sudo apt-get install -y ${missing[*]}" >&2
        exit 69
    fi
    echo "alula: installing ${missing[*]}" >&2
    apt-get update -qq >&2 || true
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >&2
fi

# Every time in the packages is the commit's.
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}

BINARY=${ALULA_BINARY:-}
if [ -z "$BINARY" ]; then
    FLAGS=(-c release --static-swift-stdlib --jobs "${JOBS:-2}")
    swift build "${FLAGS[@]}" --product alula
    BINARY=$(swift build "${FLAGS[@]}" --show-bin-path)/alula
fi
SWIFT_LICENCE=$(dirname "$(readlink -f "$(command -v swift)")")/../share/swift/LICENSE.txt

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
rm -rf "$OUT"
mkdir -p "$OUT" "$WORK/home"

# The program as it is asked here: nothing of this machine's environment comes into what it prints.
ask() { env -i HOME="$WORK/home" "$WORK/alula" "$@"; }

install -m 755 "$BINARY" "$WORK/alula"
strip "$WORK/alula"
VERSION=$(ask --version | awk '{print $2}')
MACHINE=$(uname -m)
DEBIAN_ARCH=$(dpkg --print-architecture)

# Writes the unit that the program itself would install, for the program at $1, without anything of one user's.
unit() {
    ask service install --print \
        | sed -e '/^Environment=/d' -e "s|^# Written by: .*|# Enable with: systemctl --user enable --now alula-gateway|" \
            -e "s|^ExecStart=.* gateway run|ExecStart=$1 gateway run|"
}

# What both packages share, below the prefix $1.
lay_out() {
    local prefix=$1 executable=$2
    install -D -m 755 "$WORK/alula" "$prefix/bin/alula"
    mkdir -p "$prefix/share/man/man1" "$prefix/share/doc/alula" "$prefix/share/bash-completion/completions" \
        "$prefix/share/fish/vendor_completions.d" "$prefix/$3" "$prefix/$4"
    unit "$executable" >"$prefix/$3/alula-gateway.service"
    ask completion bash | sed '1{/^#!/d}' >"$prefix/share/bash-completion/completions/alula"
    ask completion fish >"$prefix/share/fish/vendor_completions.d/alula.fish"
    ask completion zsh >"$prefix/$4/_alula"
    ask --experimental-dump-help \
        | python3 Scripts/manual.py "$SOURCE_DATE_EPOCH" "$VERSION" Documentation/Reference/commands.md \
            >"$prefix/share/man/man1/alula.1"
    install -D -m 644 Documentation/Grafana/alula.json "$prefix/share/doc/alula/grafana/alula.json"
    python3 Scripts/notices.py "$CHECKOUTS" "$SWIFT_LICENCE" >"$prefix/share/doc/alula/THIRD-PARTY-NOTICES"
    python3 Scripts/notices.py --check "$CHECKOUTS" "$prefix/share/doc/alula/THIRD-PARTY-NOTICES"
}

# The archive: to be unpacked over a prefix such as ~/.local.
NAME=alula-$VERSION-linux-$MACHINE
TREE=$WORK/$NAME
lay_out "$TREE" "%h/.local/bin/alula" share/systemd/user share/zsh/site-functions
install -m 644 LICENSE README.md CHANGELOG.md "$TREE/share/doc/alula"
(cd "$TREE" && find . -type f ! -name SHA256SUMS -printf '%P\n' | sort | xargs sha256sum) >"$WORK/sums"
install -m 644 "$WORK/sums" "$TREE/share/doc/alula/SHA256SUMS"
tar --create --directory "$WORK" --format=gnu --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 \
    --numeric-owner "$NAME" | gzip -9 --no-name >"$OUT/$NAME.tar.gz"

# The Debian package.
ROOT=$WORK/root
lay_out "$ROOT/usr" /usr/bin/alula lib/systemd/user share/zsh/vendor-completions
gzip -9 --no-name "$ROOT/usr/share/man/man1/alula.1"
DOC=$ROOT/usr/share/doc/alula
gzip -9 --no-name --stdout CHANGELOG.md >"$DOC/CHANGELOG.md.gz"
MAINTAINER=$(git log -1 --format='%an <%ae>')
gzip -9 --no-name --stdout >"$DOC/changelog.gz" <<EOF
alula ($VERSION) unstable; urgency=medium

  * See CHANGELOG.md.gz.

 -- $MAINTAINER  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
EOF
cat >"$DOC/copyright" <<EOF
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Alula
Comment: The terms of everything that is linked into the binary are in
 /usr/share/doc/alula/THIRD-PARTY-NOTICES.

Files: *
Copyright: $(date -u -d "@$SOURCE_DATE_EPOCH" +%Y) the authors of Alula
License: Apache-2.0
 On Debian systems, the text of the Apache License, version 2.0, is in
 /usr/share/common-licenses/Apache-2.0.
EOF

mkdir -p "$ROOT/usr/share/lintian/overrides"
cat >"$ROOT/usr/share/lintian/overrides/alula" <<EOF
# swift-nio-extras carries zlib in its sources, under names of its own, and can't be built against the system's.
alula: embedded-library zlib *
EOF

mkdir -p "$WORK/source/debian"
printf 'Source: alula\nMaintainer: %s\n\nPackage: alula\nArchitecture: any\nDescription: x\n' "$MAINTAINER" \
    >"$WORK/source/debian/control"
DEPENDS=$(cd "$WORK/source" && dpkg-shlibdeps -O -e"$ROOT/usr/bin/alula" 2>/dev/null \
    | sed -n 's/^shlibs:Depends=//p')
[ -n "$DEPENDS" ] || { echo "alula: dpkg-shlibdeps found no dependencies." >&2; exit 70; }
mkdir -p "$ROOT/DEBIAN"
cat >"$ROOT/DEBIAN/control" <<EOF
Package: alula
Version: $VERSION
Architecture: $DEBIAN_ARCH
Maintainer: $MAINTAINER
Installed-Size: $(du -k --apparent-size -s "$ROOT/usr" | cut -f1)
Depends: $DEPENDS
Section: net
Priority: optional
Description: self-hosted AI gateway that knows which providers can answer
 Alula reads the keys and logins that are on a machine, an OpenClaw state
 directory among them, and tells every client at any moment, from memory,
 which model providers can answer and why the others can't. Nothing that a
 client does waits for a disk, a lock or a helper program.
EOF
(cd "$ROOT" && find usr -type f -printf '%P\n' | sort | sed 's|^|usr/|' | xargs md5sum) >"$WORK/md5sums"
install -m 644 "$WORK/md5sums" "$ROOT/DEBIAN/md5sums"
find "$ROOT" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
PACKAGE=alula_${VERSION}_$DEBIAN_ARCH.deb
dpkg-deb --root-owner-group -Zxz --build "$ROOT" "$OUT/$PACKAGE" >/dev/null

(cd "$OUT" && sha256sum "$NAME.tar.gz" "$PACKAGE" >SHA256SUMS)
(cd "$OUT" && ls -l "$NAME.tar.gz" "$PACKAGE" SHA256SUMS) >&2
