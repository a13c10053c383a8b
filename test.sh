#!/usr/bin/env bash
# Builds the solution once and runs every test project.
#   ./test.sh [arguments for dotnet test, e.g. -c Release --filter "FullyQualifiedName~Retention"]
# The last line is always "N passed, N failed, N skipped". The exit code is non-zero when a test failed,
# or when a test project crashed, hung or ran nothing; each such project counts as one failure.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1

passed=0 failed=0 skipped=0

# What the runner says of a fixture that could not be disposed of, and does not count.
unclean='\[Test [A-Za-z]* Cleanup Failure'

finish() {
  # What failed and why once more, where whoever sees only the end of the output finds it.
  if [ -n "${results:-}" ]; then
    awk '
      /<UnitTestResult / { failed = /outcome="(Failed|Error|Timeout|Aborted)"/ }
      failed && match($0, /testName="[^"]*"/) { print "Failed: " substr($0, RSTART + 10, RLENGTH - 11) }
      failed && /<Message>/ { left = 6 }
      left > 0 { text = $0; sub(/.*<Message>/, "", text); sub(/<\/Message>.*/, "", text); print "  " substr(text, 1, 400); left-- }
      /<\/Message>/ { left = 0 }
      failed && /<StackTrace>/ { frames = 3 }
      frames > 0 && /\.cs:line / { text = $0; sub(/.*<StackTrace>/, "", text); sub(/<\/StackTrace>.*/, "", text); print "  " substr(text, 1, 400); frames-- }
      /<\/StackTrace>/ { frames = 0 }' \
      "$results"/*.trx "$results"/*/*.trx 2>/dev/null
    sed -n "s/.*\($unclean[^<]*\).*/Failed: \1/p" "$results"/*.trx "$results"/*/*.trx 2>/dev/null
  fi
  echo "$passed passed, $failed failed, $skipped skipped"
  exit "$1"
}

# Installs Debian packages (the first argument, by spaces) unless one of the given commands exists. Without them the tests
# that need them fail.
need() {
  local package=$1 command
  shift
  for command in "$@"; do
    command -v "$command" >/dev/null && return
  done

  local sudo=()
  if ! command -v apt-get >/dev/null; then
    echo "test.sh: $package is missing and there is no apt-get; install it by hand, or the tests that need it fail." >&2
    return
  fi
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "test.sh: $package is missing; install it as root (apt-get install $package), or the tests that need it fail." >&2
      return
    fi
    sudo=(sudo)
  fi

  echo "test.sh: installing $package"
  if ! { "${sudo[@]}" apt-get update -qq &&
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $package; } >/dev/null; then
    echo "test.sh: could not install $package; the tests that need it fail." >&2
  fi
}

need chromium chromium chromium-browser google-chrome

# The transports over NATS and Redis are tested with servers that the tests start; the packages' own services are not used.
need nats-server nats-server
need redis-server redis-server

# Pages are tested behind a real proxy.
need nginx nginx /usr/sbin/nginx

# Clients of others, from npm; their packages are installed once.
need "nodejs npm" npm
node_clients=tests/FunctionalTests/Node
if command -v npm >/dev/null && ! npm --prefix "$node_clients" ls >/dev/null 2>&1; then
  echo "test.sh: installing the packages of $node_clients"
  npm ci --prefix "$node_clients" --no-audit --no-fund --loglevel=error >/dev/null ||
    echo "test.sh: could not install them; the tests that need them fail." >&2
fi

# A sample is compiled to native code.
need "gcc libc6-dev zlib1g-dev" clang gcc

# What concerns the build, out of the arguments for the test run.
configuration=Debug filtered=false arguments=()
while [ $# -gt 0 ]; do
  case $1 in
    -c | --configuration) configuration=${2:?} && shift ;;
    --filter | --filter=*) filtered=true && arguments+=("$1") ;;
    *) arguments+=("$1") ;;
  esac
  shift
done

if ! dotnet build EventBroker.sln -c "$configuration"; then
  failed=1
  finish 1
fi

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

# The longest come first: they mostly wait for their servers, and the others fill the time.
mapfile -t names < <(dotnet sln EventBroker.sln list | grep 'Tests\.csproj$' | tr '\\' / | sed 's|.*/||; s|\.csproj$||' |
  awk '{ print ($0 ~ /JetStream|Kafka|Redis|Nats|Functional|Client\.Tests/ ? 0 : 1) " " $0 }' | sort -s -k1,1n | cut -d ' ' -f 2)
assemblies=()
for name in "${names[@]}"; do
  assemblies+=("artifacts/bin/$name/${configuration,,}/$name.dll")
done

# Two projects at a time: more, and their timeouts would measure the machine.
status=0
dotnet test "${assemblies[@]}" \
  --results-directory "$results" --logger "trx;LogFilePrefix=run" \
  --blame-hang-timeout 5m --blame-hang-dump-type none "${arguments[@]}" -- RunConfiguration.MaxCpuCount=2 || status=1

# One result file for all. Its counters leave skipped tests out of notExecuted, so those are what is neither passed nor failed.
shopt -s nullglob
files=("$results"/*.trx "$results"/*/*.trx)
counter() { sed -n "s/.*<Counters [^>]*\b$1=\"\([0-9]*\)\".*/\1/p" "$2" | head -n 1; }
for file in "${files[@]}"; do
  total=$(counter total "$file")
  ok=$(counter passed "$file")
  bad=$(($(counter failed "$file") + $(counter error "$file") + $(counter timeout "$file") + $(counter aborted "$file")))
  passed=$((passed + ok)) failed=$((failed + bad + $(grep -c "$unclean" "$file"))) skipped=$((skipped + total - ok - bad))
  if grep -q '<ResultSummary outcome="\(Aborted\|Error\|Timeout\)"' "$file"; then
    echo "test.sh: a project crashed or hung; the runner says above which" >&2
    failed=$((failed + 1))
  fi
done

# A filter may leave a project without tests.
if [ "$filtered" = false ] || [ "$status" -ne 0 ]; then
  for name in "${names[@]}"; do
    if [ ${#files[@]} -eq 0 ] || ! grep -qiF "/$name.dll\"" "${files[@]}"; then
      echo "test.sh: $name ran no test" >&2
      failed=$((failed + 1))
    fi
  done
fi

# The runner failed although no result says so.
if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
  failed=1
fi
[ "$failed" -eq 0 ] || status=1
finish "$status"
