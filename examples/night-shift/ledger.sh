#!/bin/bash
# The ledger: a file with a line for each sum.  Called by agent.sh with the input of a task.
#
#   ledger.sh book | unbook
#
# A task may be performed twice (an agent that is killed after its work and before its word),
# so booking is written to be harmless then: the line is there already.
set -euo pipefail
touch "$LEDGER"
exec 9<"$LEDGER"
flock 9
case $1 in
book)
    line=$(jq -c .)
    grep -qxF "$line" "$LEDGER" || echo "$line" >>"$LEDGER"
    ;;
unbook)
    line=$(jq -c .input)
    grep -vxF "$line" "$LEDGER" >"$LEDGER.new" || true
    cat "$LEDGER.new" >"$LEDGER"
    ;;
esac
jq -nc --arg lines "$(wc -l <"$LEDGER")" '{lines: $lines | tonumber}'
