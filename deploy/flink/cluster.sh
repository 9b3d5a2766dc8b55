#!/usr/bin/env bash
# A Flink cluster on this machine: JobManager, two TaskManagers, a pool of SDK workers for each, Beam's job server.
#
#   deploy/flink/cluster.sh up                 starts all and waits for it; prints the addresses
#   deploy/flink/cluster.sh taskmanager 1      starts TaskManager 1 anew, after it was killed
#   deploy/flink/cluster.sh flink list         Flink's command line: list, stop, cancel, savepoint, …
#   deploy/flink/cluster.sh down               ends every process of the cluster
#
# Environment:
#   NEWSBEAM_FLINK       folder that fetch.sh made                          (out/flink)
#   NEWSBEAM_FLINK_RUN   folder for configuration, logs, pids and state     (out/flink-run)
#   NEWSBEAM_FLINK_PORT  first of four free ports: REST, RPC, jobs, pools   (28080)
#   NEWSBEAM_PYTHON      Python of the workers, with newsbeam installed     (.venv/bin/python)
#
# Linux only: it needs /proc and all of 127.0.0.0/8.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
export NEWSBEAM_FLINK=${NEWSBEAM_FLINK:-$root/out/flink}
export NEWSBEAM_FLINK_RUN=${NEWSBEAM_FLINK_RUN:-$root/out/flink-run}
export NEWSBEAM_PYTHON=${NEWSBEAM_PYTHON:-$root/.venv/bin/python}
run=$NEWSBEAM_FLINK_RUN
rest=${NEWSBEAM_FLINK_PORT:-28080} rpc=$((rest + 1)) jobs=$((rest + 2)) pools=$((rest + 3))
server_path="$NEWSBEAM_FLINK/lib/*"
cluster_path="$server_path:$NEWSBEAM_FLINK/lib-cluster/*"

die() { echo "$*" >&2; exit 1; }

start() { # NAME COMMAND…: in the background, in a process group of its own; pid and log under its name
  local name=$1
  shift
  setsid "$@" >>"$run/logs/$name.log" 2>&1 </dev/null &
  echo $! >"$run/pids/$name"
}

await() { # SECONDS WHAT COMMAND…
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || { tail -n 15 "$run"/logs/*.log >&2; die "$what is not there after its time; above, the logs' ends"; }
    sleep 0.2
  done
}

listens() { (exec 3<>"/dev/tcp/$1/$2"); }

taskmanagers() { # true if there are as many as said
  curl --silent --fail "http://127.0.0.1:$rest/overview" | grep -q "\"taskmanagers\":$1,"
}

memory_of() { # JM or TM: memory options by Flink's own arithmetic; first the JVM's, then Flink's
  java @"$here/java.opts" -cp "$cluster_path" org.apache.flink.runtime.util.bash.BashJavaUtils \
    "GET_$1_RESOURCE_PARAMS" --configDir "$run/conf" | sed -n 's/^BASH_JAVA_UTILS_EXEC_RESULT://p'
}

configure() {
  mkdir -p "$run"/{conf,logs,pids,workers,tmp,artifacts,checkpoints,savepoints}
  sed -e "s#@RUN@#$run#g" -e "s#@REST@#$rest#g" -e "s#@RPC@#$rpc#g" "$here/config.yaml" >"$run/conf/config.yaml"
  memory_of JM >"$run/conf/jobmanager.memory"
  memory_of TM >"$run/conf/taskmanager.memory"
}

jobmanager() {
  local memory
  mapfile -t memory <"$run/conf/jobmanager.memory"
  # shellcheck disable=SC2086  # options are several words
  start jobmanager java @"$here/java.opts" ${memory[0]} -cp "$cluster_path" \
    org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint --configDir "$run/conf" --executionMode cluster ${memory[1]}
}

pool() { # NUMBER: on an address of its own
  start "pool-$1" "$NEWSBEAM_PYTHON" "$here/pool.py" "127.0.0.$(($1 + 1)):$pools" "$here/worker.sh"
}

taskmanager() { # NUMBER: calls the host of its own pool worker-pool, as every TaskManager does
  local memory
  printf '127.0.0.1 localhost %s\n127.0.0.%s worker-pool\n' "$(hostname)" "$(($1 + 1))" >"$run/conf/hosts-$1"
  mapfile -t memory <"$run/conf/taskmanager.memory"
  # Each start has an id of its own: files that a killed one left under its id would be in the way.
  # shellcheck disable=SC2086  # options are several words
  start "taskmanager-$1" java @"$here/java.opts" ${memory[0]} -Djdk.net.hosts.file="$run/conf/hosts-$1" -cp "$cluster_path" \
    org.apache.flink.runtime.taskexecutor.TaskManagerRunner --configDir "$run/conf" ${memory[1]} \
    -D "taskmanager.resource-id=taskmanager-$1-$(date +%s)"
}

job_server() {
  start job-server java @"$here/java.opts" -Xmx384m -cp "$server_path" org.apache.beam.runners.flink.FlinkJobServerDriver \
    --flink-master="127.0.0.1:$rest" --flink-conf-dir="$run/conf" --artifacts-dir="$run/artifacts" \
    --job-host=localhost --job-port="$jobs" --artifact-port=0 --expansion-port=0
}

up() {
  [ -x "$NEWSBEAM_FLINK/boot" ] || die "no $NEWSBEAM_FLINK/boot; run $here/fetch.sh, or set NEWSBEAM_FLINK to the folder it made"
  [ -x "$NEWSBEAM_PYTHON" ] || die "no $NEWSBEAM_PYTHON; set NEWSBEAM_PYTHON to a Python that has newsbeam installed"
  [ -z "$(ours)" ] || die "a cluster runs in $run; end it by $0 down"
  configure
  jobmanager
  for number in 1 2; do
    pool "$number"
    taskmanager "$number"
  done
  job_server
  await 90 "a cluster with two TaskManagers" taskmanagers 2
  await 60 "the job server" listens 127.0.0.1 "$jobs"
  for number in 1 2; do
    await 60 "the worker pool of TaskManager $number" listens "127.0.0.$((number + 1))" "$pools"
  done
  echo "Flink's web page: http://127.0.0.1:$rest   job server: localhost:$jobs   worker pools: worker-pool:$pools"
}

ours() { # ids of all processes of this cluster, workers included: they inherit its folder's name
  local process
  for process in /proc/[0-9]*; do
    [ "${process#/proc/}" = $$ ] || [ "${process#/proc/}" = "$BASHPID" ] || { tr '\0' '\n' <"$process/environ" |
      grep -qxF "NEWSBEAM_FLINK_PROCESS_OF=$run" && echo "${process#/proc/}"; } 2>/dev/null || true
  done
}

down() {
  local signal pids
  for signal in TERM KILL; do
    for _ in $(seq 40); do
      pids=$(ours)
      [ -n "$pids" ] || { rm -rf "$run"/pids "$run"/tmp "$run"/workers; return; }
      # shellcheck disable=SC2086  # ids are several words
      kill -"$signal" $pids 2>/dev/null || true
      sleep 0.25
    done
  done
  die "these processes do not end: $pids"
}

command=${1:-}
shift || true
case $command in
  up | taskmanager)
    export NEWSBEAM_FLINK_PROCESS_OF=$run # marks what is started from here on
    "$command" "$@"
    ;;
  down) down ;;
  flink) FLINK_CONF_DIR="$run/conf" exec java @"$here/java.opts" -Dorg.slf4j.simpleLogger.defaultLogLevel=error -cp "$cluster_path" org.apache.flink.client.cli.CliFrontend "$@" ;;
  *) sed -n '2,/^set /{s/^# \{0,1\}//p}' "$0" >&2; exit 2 ;;
esac
