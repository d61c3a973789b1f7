#!/bin/sh
# Install the programs that the tests run for real, if they are missing: a browser, media servers, and what checks recordings and calendars.
# Debian's packages, by root; anybody else is told what to ask for. The tests themselves start and stop what they need.
set -eu

missing=""
need() { command -v "$1" >/dev/null || missing="$missing $2"; }
need chromium chromium
need janus janus
need turnserver coturn
need ffmpeg ffmpeg
need age age
need khal khal
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "the tests need these Debian packages:$missing" >&2
    echo "as root: apt-get install --no-install-recommends$missing" >&2
    exit 1
fi

echo "installing Debian packages for the tests (once):$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
# shellcheck disable=SC2086 # a list of words
apt-get -qq install --no-install-recommends $missing >/dev/null

# Packages of servers start them, and again at every boot; nobody asked for that here.
for server in janus coturn; do
    case "$missing " in
    *" $server "*)
        service "$server" stop >/dev/null 2>&1 || true
        update-rc.d "$server" disable >/dev/null
        ;;
    esac
done
