#!/usr/bin/env bash
# Builds Prism, Beam's portable runner, of the version of Beam that is pinned here. Needs Go 1.26 or later.
#
#   deploy/prism/build.sh [FOLDER]      default: out/bin
#
# Then: newsbeam ingest … --runner=PrismRunner --prism_location=FOLDER/prism --environment_type=LOOPBACK
# A wheel holds no binary, and Beam alone would download one at run time; Go checks what it builds by its sum database.
set -euo pipefail

here=$(cd "$(dirname "$0")/../.." && pwd)
folder=${1:-$here/out/bin}
version=$(sed -n 's/^apache-beam==\([0-9.]*\).*/\1/p' "$here/constraints.txt")
[ -n "$version" ] || { echo "constraints.txt pins no apache-beam; the version of Prism must equal it" >&2; exit 2; }
command -v go >/dev/null || { echo "no Go on the PATH; install it, or take a prism of Beam $version built elsewhere" >&2; exit 2; }

mkdir -p "$folder"
GOBIN=$(cd "$folder" && pwd) go install "github.com/apache/beam/sdks/v2/go/cmd/prism@v$version"
echo "$folder/prism is Prism of Beam $version"
