#!/usr/bin/env bash
# Starts Beam's boot for one SDK worker: the worker pool's container executable. From the environment (see cluster.sh):
#
#   NEWSBEAM_FLINK       folder that fetch.sh made
#   NEWSBEAM_FLINK_RUN   folder of the running cluster
#   NEWSBEAM_PYTHON      a Python that has newsbeam installed; with setuptools and wheel, should packages be staged
#
# - A folder of its own per worker: boot's default is one for all workers of the machine, and it writes where it stands.
# - Its output goes to a file, as the pool does not read the pipe that it gives.
# - It ends by itself once its pool, or its TaskManager (the address it is provisioned from), is gone. Boot alone would
#   start Python anew, four times in five minutes, and the pool has forgotten the worker by then.
set -euo pipefail

work=$(mktemp -d "$NEWSBEAM_FLINK_RUN/workers/XXXXXX")
for argument; do
  case $argument in --provision_endpoint=*) endpoint=${argument#*=} ;; esac
done
: "${endpoint:?boot is started with --provision_endpoint=HOST:PORT}"

needed() { kill -0 "$1" && kill -0 "$PPID" && (exec 3<>"/dev/tcp/${endpoint%:*}/${endpoint##*:}"); }

watch() {
  while needed "$1"; do sleep 1; done
  kill -TERM "$1" && sleep 7 && kill -KILL "$1" # boot gives Python 5 s to end
  rm -rf "$work"
}

watch $$ >/dev/null 2>&1 </dev/null &
export RUN_PYTHON_SDK_IN_DEFAULT_ENVIRONMENT=1 # else boot makes a virtual environment of its own, in /opt
PATH=$(dirname "$NEWSBEAM_PYTHON"):$PATH # boot calls plain `python`
export PATH
cd "$work"
exec "$NEWSBEAM_FLINK/boot" --semi_persist_dir="$work" "$@" >>"$NEWSBEAM_FLINK_RUN/logs/worker-$(basename "$work").log" 2>&1
