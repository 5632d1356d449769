#!/bin/bash
# An agent for takt in shell, with curl and jq.
#
#   TAKT_SERVER=http://127.0.0.1:8420 TAKT_KEY=takt_… ./agent.sh KIND COMMAND [ARGUMENT…]
#
# COMMAND reads the input of a task from standard input and writes its output, JSON, to
# standard output.  Exit code 0: done.  64 to 78 (sysexits): failed for good.  Any other:
# failed, to be tried again; what it wrote to standard error says why.
#
# Every word may be said twice: a session and what it holds make a lost lease request
# harmless, token and attempt all others.  So whatever fails is asked again.  SIGTERM, or a
# server that drains this agent, lets the task at hand end.
set -uo pipefail
[ $# -ge 2 ] || { echo "usage: agent.sh KIND COMMAND [ARGUMENT…]" >&2; exit 64; }
kind=$1
shift
url=${TAKT_SERVER:-http://127.0.0.1:8420}
session=$(tr -dc a-z0-9 </dev/urandom | head -c 32)
folder=$(mktemp -d)
lease_ms=${LEASE_MS:-30000}
is_ending=
trap 'is_ending=1' TERM INT

# post PATH BODY GRACE: the answer in $answer.  1: the word is not wanted (any longer), or
# nobody heard it within GRACE tries since the end was asked for; 2: it will never be taken.
post() {
    local status pause=0.1 grace=$3
    for ((;;)); do
        # The key comes from a file descriptor, so that no process list shows it.
        answer=$(curl -s -m 15 -w '\n%{http_code}' -H 'Content-Type: application/json' -d "$2" \
            -K <(printf 'header = "Authorization: Bearer %s"\n' "$TAKT_KEY") "$url$1")
        status=${answer##*$'\n'} answer=${answer%$'\n'*}
        case $status in
        2??) return 0 ;;
        404 | 409) return 1 ;;
        '' | 000 | 429 | 5??) ;; # no server, too much at once, a restart
        *) printf 'agent: %s: %s %s\n' "$1" "$status" "$answer" >&2 && return 2 ;;
        esac
        [ -z "$is_ending" ] || [ $((grace--)) -gt 0 ] || return 1
        sleep $pause & wait $! # a signal ends the wait
        pause=1
    done
}

# beat ID WORD COMMAND-PID: keeps the lease while the command runs, and ends the command when
# the task is not wanted any longer.
beat() {
    local pause
    trap 'kill $pause; exit' TERM
    while sleep "$((lease_ms / 3000)).$((lease_ms / 3 % 1000 / 100))" & pause=$!; wait $pause; do
        post "/v1/tasks/$1/heartbeat" "$2" 0 && [ "$(jq -r .cancelled <<<"$answer")" = false ] && continue
        kill "$3"
        return
    done 2>/dev/null
}

# perform TASK COMMAND…
perform() {
    local id word command beat code
    id=$(jq -r .id <<<"$1")
    word=$(jq -c '{token, attempt}' <<<"$1")
    jq -c .input <<<"$1" >"$folder/input"
    shift
    "$@" <"$folder/input" >"$folder/output" 2>"$folder/error" &
    command=$!
    beat "$id" "$word" $command &
    beat=$!
    wait $command
    code=$?
    while kill -0 $command 2>/dev/null; do # a signal to us ends a wait, too
        wait $command
        code=$?
    done
    while kill $beat 2>/dev/null; do sleep 0.02; done # its first moments hear no signal
    if [ $code = 0 ] && jq -c . "$folder/output" >"$folder/json" 2>>"$folder/error"; then
        post "/v1/tasks/$id/complete" "$(jq -c --slurpfile output "$folder/json" '. + {output: $output[0]}' <<<"$word")" 10
    else
        post "/v1/tasks/$id/fail" "$(jq -c --rawfile error "$folder/error" --argjson code $code '. + {
            error: {code: "exit_\($code)", message: $error[-4000:]}, final: ($code >= 64 and $code <= 78)}' <<<"$word")" 10
    fi || echo "agent: $id: the result is not wanted any longer" >&2
}

ask=$(jq -nc --arg kind "$kind" --arg worker "$(hostname)-$$" --arg session "$session" --argjson lease_ms $lease_ms \
    '{worker: $worker, kinds: [$kind], session: $session, holding: [], lease_ms: $lease_ms, wait_ms: 1000}')
while [ -z "$is_ending" ]; do
    post /v1/leases "$ask" 0 || break
    [ "$(jq .draining <<<"$answer")" != true ] || is_ending=1
    task=$(jq -c '.tasks[0] // empty' <<<"$answer")
    [ -z "$task" ] || perform "$task" "$@"
done
# Not by a trap at EXIT: a child that is ended in its first moments runs it, too.
rm -rf "$folder"
[ -n "$is_ending" ]
