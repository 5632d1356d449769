#!/bin/bash
# The night shift: a server, five agents in three languages, a service that can't be relied
# on, and one run over 500 orders from its start to its report.
#
#   run.sh [--chaos] [--broken]
#
#   --chaos    agents are killed at random, and the server once: the report is the same
#   --broken   the printer is broken: the run fails, and what was booked is undone
#
# TAKT is the program (default: ../../build/src/takt), ORDERS how many (500).  Everything
# else lies in a folder of its own, which goes at the end, and so do all processes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
takt=${TAKT:-$here/../../build/src/takt}
orders=${ORDERS:-500}
is_chaos= is_broken=false
for option; do
    case $option in
    --chaos) is_chaos=1 ;;
    --broken) is_broken=true ;;
    *) echo "usage: run.sh [--chaos] [--broken]" >&2; exit 64 ;;
    esac
done
[ -x "$takt" ] || { echo "run.sh: no program at $takt; run make first, or set TAKT" >&2; exit 69; }
for tool in jq curl cc python3; do
    command -v $tool >/dev/null || { echo "run.sh: $tool is missing; make example installs what is needed" >&2; exit 69; }
done
folder=$(mktemp -d)
# What is killed cleans nothing up: all of it lies in the folder.
export TMPDIR=$folder TAKT_DATA=$folder/data LEDGER=$folder/ledger LEASE_MS=3000

end() {
    touch "$folder/over"
    local pids
    pids=$(cat "$folder"/*.pid 2>/dev/null) || true
    # shellcheck disable=SC2086 # they are several
    [ -z "$pids" ] || kill $pids 2>/dev/null || true
    wait
    rm -rf "$folder"
}
trap end EXIT

# keep NAME COMMAND…: starts it, and again whenever it ends, until the shift is over.
keep() {
    local name=$1
    shift
    while [ ! -e "$folder/over" ]; do
        "$@" >>"$folder/$name.log" 2>&1 &
        echo $! >"$folder/$name.pid"
        wait $! 2>/dev/null || true
    done &
}

await() { # WHAT COMMAND…
    local what=$1 i
    shift
    for ((i = 0; i < 300; i++)); do
        ! "$@" >/dev/null 2>&1 || return 0
        sleep 0.1
    done
    echo "run.sh: $what did not come" >&2
    tail -n 5 "$folder"/*.log >&2
    return 1
}

# A port that stays the same when the server is killed.
"$takt" serve --listen 127.0.0.1:0 --maker-processes 0 >"$folder/first.log" 2>&1 &
echo $! >"$folder/first.pid"
await "the server" test -e "$TAKT_DATA/server.json"
address=$(jq -r .address "$TAKT_DATA/server.json")
kill "$(cat "$folder/first.pid")"
wait
rm "$folder/first.pid"
keep server "$takt" serve --listen "${address#http://}" --maker-processes 0
await "the server" curl -fsS "$address/readyz"
TAKT_KEY=$(cat "$TAKT_DATA/key")
export TAKT_KEY TAKT_SERVER=$address

python3 "$here/service.py" >"$folder/port" &
echo $! >"$folder/service.pid"
await "the service" test -s "$folder/port"
RATES_URL=http://127.0.0.1:$(cat "$folder/port")/
export RATES_URL
cc -o "$folder/adder" -I "$here/../agents/c" "$here/adder.c" "$here/../agents/c/takt_agent.c" -lcurl -ljansson
keep clerk1 python3 "$here/clerk.py"
keep clerk2 python3 "$here/clerk.py"
keep adder "$folder/adder"
keep rates "$here/../agents/shell/agent.sh" rates.fetch "$here/rates.sh"
keep ledger "$here/../agents/shell/agent.sh" ledger.book "$here/ledger.sh" book
keep unbook "$here/../agents/shell/agent.sh" ledger.unbook "$here/ledger.sh" unbook
keep printer python3 "$here/printer.py"

"$takt" workflow put "$here/night-shift.yaml"
run=$("$takt" run start night-shift --input "{\"orders\": $orders, \"is_printer_broken\": $is_broken}")
echo "$run"

chaos() {
    local agents=(clerk1 clerk2 adder rates ledger printer) i
    for ((i = 0; i < 12; i++)); do
        sleep 0.5
        kill -9 "$(cat "$folder/${agents[RANDOM % ${#agents[@]}]}.pid")" 2>/dev/null || true
        [ $i != 5 ] || kill -9 "$(cat "$folder/server.pid")"
    done
}
[ -z "$is_chaos" ] || chaos &

signed() {
    "$takt" approve list | grep -q "$run"
}
await "the sum to be signed" signed
hash=$("$takt" approve show "$run" sign --json | jq -r .hash)
"$takt" approve yes "$run" sign --hash "$hash" --comment "night shift"
await "the end" sh -c "'$takt' run show '$run' --json | jq -e '.finished_at != null'"
"$takt" run show "$run"
echo "orders priced: $("$takt" run show "$run" --json | jq '[.steps[] | select(.name == "prices")][0].items_done')"
echo "lines in the ledger: $(wc -l <"$LEDGER")"
"$takt" run show "$run" --json | jq -r '.output // .error.message'
