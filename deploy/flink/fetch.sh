#!/usr/bin/env bash
# Fetches what a local Flink cluster needs and checks it. Needs Maven, Java 17 and Go 1.26 or later.
#
#   deploy/flink/fetch.sh [FOLDER]      default: out/flink
#
# FOLDER/lib        jars of the job server and of Flink, named in pom.xml (Maven checks what it downloads)
# FOLDER/lib-cluster   those that only JobManager and TaskManagers load: the job server sends all of its own jars along
#                   with every job, so they lie apart
# FOLDER/boot       Beam's start of a Python SDK worker, of the version of Beam that is pinned here
#
# Every jar must be one of jars.sha256, which names it with its version, and none may be missing. What is there already
# is checked and not fetched again.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$here/../../out/flink}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
beam=$(sed -n 's/^apache-beam==\([0-9.]*\).*/\1/p' "$here/../../constraints.txt")
[ -n "$beam" ] || { echo "constraints.txt pins no apache-beam; the version of boot must equal it" >&2; exit 2; }

checked() {
  (cd "$folder" && sha256sum --check --strict --quiet "$here/jars.sha256") >/dev/null 2>&1 &&
    [ "$(find "$folder"/lib "$folder"/lib-cluster -type f | wc -l)" = "$(wc -l <"$here/jars.sha256")" ]
}

fetch_jars() {
  command -v mvn >/dev/null || { echo "no mvn on the PATH; install Maven, it resolves pom.xml" >&2; exit 2; }
  rm -rf "$folder/lib" "$folder/lib-cluster"
  mvn --batch-mode --quiet --no-transfer-progress --strict-checksums --file "$here/pom.xml" \
    org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$folder/lib"
  mkdir -p "$folder/lib-cluster"
  mv "$folder"/lib/{async-profiler,flink-rpc-akka-loader,flink-shaded-zookeeper,frocksdbjni}-*.jar "$folder/lib-cluster"
}

boot_is() {
  [ -x "$folder/boot" ] && go version -m "$folder/boot" | grep -qP "\tmod\tgithub.com/apache/beam/sdks/v2\tv\Q$1\E\t"
}

build_boot() {
  local bin
  bin=$(mktemp -d "$folder/go.XXXXXX")
  GOBIN=$bin go install "github.com/apache/beam/sdks/v2/python/container@v$beam"
  mv "$bin/container" "$folder/boot"
  rmdir "$bin"
}

command -v go >/dev/null || { echo "no Go on the PATH; install it, it builds and checks Beam's boot" >&2; exit 2; }
checked || fetch_jars
checked || {
  echo "the jars in $folder are not those of jars.sha256; after a change of pom.xml: (cd $folder && sha256sum lib/*.jar lib-cluster/*.jar) > $here/jars.sha256" >&2
  (cd "$folder" && sha256sum --check --strict --quiet "$here/jars.sha256") >&2 || true
  exit 1
}
boot_is "$beam" || build_boot
boot_is "$beam" || { echo "$folder/boot is not boot of Beam $beam" >&2; exit 1; }
echo "$folder holds boot of Beam $beam and:"
sed -n 's/.*\(beam-runners-flink-[0-9.]*-[0-9.]*\|flink-runtime-[0-9.]*\)\.jar$/  \1/p' "$here/jars.sha256"
