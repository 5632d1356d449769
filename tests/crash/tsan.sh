#!/bin/sh
# The crash test and the API tests with a server under ThreadSanitizer: any race it sees fails.
#
#	tests/crash/tsan.sh [BUILD]     BUILD: configured with -Db_sanitize=thread (default build-tsan)
set -eu
cd "$(dirname "$0")/../.."
build=$(realpath -m "${1:-build-tsan}")
[ -e "$build/build.ninja" ] || meson setup "$build" -Db_sanitize=thread -Doptimization=1
ninja -C "$build"
reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT
export TSAN_OPTIONS="halt_on_error=0:second_deadlock_stack=1:log_path=$reports/race"
export TAKT_BUILD="$build"
TAKT_KILLS=5 /usr/bin/python3 -m pytest -q -p no:cacheprovider tests/crash
/usr/bin/python3 -m pytest -q -p no:cacheprovider tests/api
# A server that is killed says nothing at its end; what it saw before is in the reports.
if [ -n "$(ls "$reports")" ]; then
	cat "$reports"/*
	exit 1
fi
echo "no race was seen"
