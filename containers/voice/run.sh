#!/bin/sh
# Both servers under supervisord. Exits 1 when one of them failed for good, whatever supervisord
# itself returns. VOICEHOST_RUN is a folder it may write to, VOICEHOST_PYTHON the interpreter to use.
# Both servers get the same VOICE_NEIGHBOUR_KEY, made anew unless it is given, and end with it.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
: "${VOICEHOST_RUN:=/tmp}" "${VOICEHOST_PYTHON:=python3}" "${VOICE_START_SECONDS:=10}" "${VOICE_GRACEFUL_SECONDS:=1800}"
: "${VOICE_DATA:=$VOICEHOST_RUN/data}"
: "${VOICE_NEIGHBOUR_KEY:=$(od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n')}"
VOICEHOST_STOP_SECONDS=$((VOICE_GRACEFUL_SECONDS + 5))
RUN_USER=$(id -u)
PYTHONPATH=$here${PYTHONPATH:+:$PYTHONPATH}
export VOICEHOST_RUN VOICEHOST_PYTHON VOICE_START_SECONDS VOICE_GRACEFUL_SECONDS VOICEHOST_STOP_SECONDS RUN_USER PYTHONPATH
export VOICE_DATA VOICE_NEIGHBOUR_KEY
rm -f "$VOICEHOST_RUN/fatal"
"$VOICEHOST_PYTHON" -m supervisor.supervisord -c "$here/supervisord.conf" &
pid=$!
trap 'kill -TERM $pid 2>/dev/null' TERM INT HUP
wait $pid
status=$?
while kill -0 $pid 2>/dev/null; do
    wait $pid
    status=$?
done
[ -e "$VOICEHOST_RUN/fatal" ] && exit 1
exit $status
