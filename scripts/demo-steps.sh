# How the demo prints, runs and checks the guide's commands. Sourced by scripts/demo.

if [[ -t 1 ]]; then bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; else bold= dim= plain=; fi
output= # of the last command
passed=no

station() { printf '\n%s=== Station %s%s\n' "$bold" "$1" "$plain"; }
explain() { printf '\n%s# %s%s\n' "$dim" "$1" "$plain"; }

fail() { say "FAILED: $*"; exit 1; }

# One argument is a line for the shell (a pipe), several are a command.
run() {
  printf '%s$ %s%s\n' "$bold" "$*" "$plain"
  local status=0
  if (($# == 1)); then output=$(bash -o pipefail -c "$1" 2>&1) || status=$?
  else output=$("$@" 2>&1) || status=$?; fi
  printf '%s\n' "$output"
  ((status == 0)) || fail "'$*' ended with exit code $status"
}

on_node() {
  local node=$1 status=0; shift
  local shown=$*
  printf '%s%s $ %s%s\n' "$bold" "$node" "${shown#sh -c }" "$plain"
  output=$("$root_dir/scripts/cluster" ssh --name "$cluster" "$node" -- timeout 60 "$@" 2>&1) || status=$?
  printf '%s\n' "$output"
  ((status == 0)) || fail "'$*' on $node ended with exit code $status"
}

# Of nginx's page the title tells enough.
answers() {
  local node=$1 url=$2
  on_node "$node" sh -c "curl -sS $url | grep title"
  expect '<title>Welcome to nginx!</title>'
}

expect() { grep -qE -- "$1" <<<"$output" || fail "the output does not contain: $1"; }
expect_not() { ! grep -qE -- "$1" <<<"$output" || fail "the output contains: $1"; }

# Waits at most a minute for what a command prints to become this.
becomes() {
  local wanted=$1 got= turn; shift
  for ((turn = 0; turn < 300; turn++)); do
    got=$("$@" 2>&1) || true
    [[ $got != "$wanted" ]] || return 0
    ((turn != 10)) || say "waiting for: $*"
    sleep 0.2
  done
  fail "'$*' stays '$got' and does not become '$wanted'"
}

# The pods of a label selector that are Ready and not on their way out.
count_ready() {
  kubectl get pods -l "$1" -o go-template='{{range .items}}{{if not .metadata.deletionTimestamp}}{{range .status.conditions}}{{if eq .type "Ready"}}{{.status}} {{end}}{{end}}{{end}}{{end}}' |
    tr ' ' '\n' | grep -c True || true
}

ready() { becomes "$2" count_ready "$1"; }

count_pods() { kubectl get pods -l "$1" -o name | wc -l; }
first_pod() { kubectl get pods -l "$1" -o go-template='{{range .items}}{{if not .metadata.deletionTimestamp}}{{.metadata.name}} {{end}}{{end}}' | cut -d' ' -f1; }

# Opens a terminal with a command that runs a pod, and types lines once the pod runs.
type_into() {
  local pod=$1 line=$2 typed status=0; shift 2
  printf '%s$ %s%s\n' "$bold" "$line" "$plain"
  output=$({
    becomes Running pod_phase "$pod"
    for typed; do sleep 1; printf '%s\n' "$typed"; done
    sleep 1
  } | SHELL=/bin/bash script --quiet --return --command "$line" /dev/null 2>&1 | tr -d '\r') || status=$?
  printf '%s\n' "$output"
  ((status == 0)) || fail "'$line' ended with exit code $status"
}

pod_phase() { kubectl get pod "$1" -o jsonpath='{.status.phase}'; }
completed() { becomes Succeeded pod_phase "$1"; }

# One line, sorted, space between.
pod_addresses() {
  kubectl get pods -l "$1" -o go-template='{{range .items}}{{if not .metadata.deletionTimestamp}}{{.status.podIP}} {{end}}{{end}}' | sorted_words
}

endpoint_addresses() {
  kubectl get endpoints "$1" -o jsonpath='{.subsets[*].addresses[*].ip}' | sorted_words
}

sorted_words() { tr -s ' ' '\n' | grep . | sort | paste -sd ' '; }

endpoints_are() {
  local service=$1; shift
  becomes "$(sorted_words <<<"$*")" endpoint_addresses "$service"
}

station_end() {
  passed=yes
  printf '\n%sEverything did what the guide says.%s\n' "$bold" "$plain"
  if [[ $keep == yes ]]; then
    cat <<EOF
The cluster is still there. To go on:
  export KUBECONFIG=\$(scripts/cluster kubeconfig --name $cluster)
  kubectl get pods -o wide
  scripts/cluster ssh --name $cluster node1
To remove it:
  scripts/cluster down --name $cluster
EOF
  fi
}

# Also after a failure or Ctrl-C: shows how things stood, and removes the cluster unless it is to be kept.
finish() {
  local status=$?
  trap - EXIT
  if [[ $passed == no && -n ${KUBECONFIG-} ]]; then
    say "how things stood:"
    { kubectl get nodes,pods,svc,endpoints -o wide && kubectl get events; } >&2 || true
  fi
  if [[ $keep == no ]]; then
    "$root_dir/scripts/cluster" down --name "$cluster" || status=1
    say "the cluster is removed; scripts/demo --keep leaves it running"
  fi
  rm -rf "$HOME"
  exit "$status"
}
