#!/usr/bin/env bash
# Builds the broker with its plugins, and nothing else, and runs it.
#   ./run.sh [arguments for the broker, e.g. --config my.json]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# Analyzers take most of a build and say nothing to whoever only wants to run it; building the solution runs them, and so does CI.
echo "run.sh: building the broker and its plugins, the first time with a download of packages" >&2
# Nor does a compiler that runs once gain by measuring itself.
DOTNET_TieredPGO=0 dotnet build "$root/host/EventBroker.Host" -nologo -v minimal -clp:NoSummary -p:RunAnalyzers=false >&2
echo "run.sh: starting" >&2
exec dotnet "$root/artifacts/bin/EventBroker.Host/debug/EventBroker.Host.dll" "$@"
