#!/usr/bin/env bash
# Changes a project in many small ways, one at a time, and tells which of the changes no test notices (Stryker.NET).
#   tests/mutate.sh PROJECT [arguments for dotnet stryker, e.g. --mutate "Delivering/**/*.cs"]
# PROJECT is one of broker, endpoints, hosting, memory, roles. The report is written to artifacts/mutation/PROJECT.
# By hand, on a machine that does nothing else: a test that times out counts as one that has noticed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

case ${1:-} in
  broker) project=EventBroker.Broker tests=(EventBroker.Broker.Tests) ;;
  endpoints) project=EventBroker.Endpoints tests=(EventBroker.Endpoints.Tests FunctionalTests) ;;
  hosting) project=EventBroker.PluginHosting tests=(EventBroker.PluginHosting.Tests) ;;
  memory) project=Transport.Memory tests=(Transport.Memory.Tests) ;;
  roles) project=Auth.Roles tests=(Plugins.Tests) ;;
  *)
    sed -n '2,4s/^# //p' "$(basename "${BASH_SOURCE[0]}")" >&2
    exit 2
    ;;
esac
name=$1
shift

# More at once only where asked for: on a busy machine tests time out that have noticed nothing.
[[ " $* " == *" --concurrency "* ]] || set -- --concurrency 1 "$@"

# Stryker drives the tests by Microsoft.Testing.Platform, which the projects have for this alone.
export MutationTesting=true
arguments=()
for test in "${tests[@]}"; do
  arguments+=(--test-project "$PWD/$test/$test.csproj")
done

dotnet tool restore >/dev/null
cd "$(dirname "$(find .. -path ../artifacts -prune -o -name "$project.csproj" -print -quit)")"
dotnet stryker --test-runner mtp --project "$project.csproj" "${arguments[@]}" \
  --output "$OLDPWD/../artifacts/mutation/$name" --reporter html --reporter json --reporter cleartext "$@"
