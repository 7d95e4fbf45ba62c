# The steps of test.sh; each is a function that ends with 0 if the machines are as it says, and prints what it saw.
passed=0 failed=0
machines=(control node1 node2) nodes=(node1 node2)
virsh=(virsh --quiet --connect qemu:///system)

check() {
  local what=$1 started=$SECONDS; shift
  if "$@" >"$work/out" 2>&1; then passed=$((passed + 1)); echo "  passed  $what ($((SECONDS - started)) s)"
  else failed=$((failed + 1)); echo "  FAILED  $what ($((SECONDS - started)) s)"; tail -n 25 "$work/out" | sed 's/^/          /'; fi
}
# Software emulation is ten times slower and more: waits are long, and end at once when what they wait for is there.
eventually() { local until=$((SECONDS + 600)); while ! "$@"; do [ $SECONDS -lt $until ] || { echo "not within 600 s: $*"; return 1; }; sleep 2; done; }
quiet_vagrant() { vagrant "$@" >"$work/vagrant" 2>&1 || { tail -n 30 "$work/vagrant"; return 1; }; }

# One connection to each machine for all commands: a handshake takes seconds. The administrator's kubeconfig, for the host's own kubectl.
connect() {
  disconnect
  vagrant ssh-config "${machines[@]}" >"$work/ssh" && on control cat .kube/config >"$work/admin.conf"
}
disconnect() { local machine; for machine in "${machines[@]}"; do ssh -F "$work/ssh" -o ControlPath="$work/%n" -O exit "$machine" >/dev/null 2>&1; done; rm -f "$work"/{control,node?}; }
on() { local machine=$1; shift; ssh -F "$work/ssh" -o LogLevel=ERROR -o ControlMaster=auto -o ControlPersist=300 -o ControlPath="$work/%n" -o ServerAliveInterval=30 "$machine" -- "$@" </dev/null; }
k() { kubectl --kubeconfig "$work/admin.conf" --request-timeout 120s "$@"; }
get() { k get "$1" "$2" -o "jsonpath={$3}"; }
welcome() { grep -q 'Welcome to nginx'; }

ready() { eventually are_ready ${#nodes[@]} && k get nodes -o wide; }
are_ready() { [ "$(k get nodes --no-headers | awk '$2 == "Ready"' | wc -l)" -eq "$1" ]; }
active() { on control systemctl is-active controlplane && on node1 systemctl is-active nodeagent && on node2 systemctl is-active nodeagent; }
addresses_are_of_eth1() { k get nodes -o wide && [ "$(k get nodes -o 'jsonpath={.items[*].status.addresses[0].address}')" = "192.168.56.11 192.168.56.12" ]; }
doctor() { on node1 sudo nodeagent doctor --only programs --only kernel --only cgroups --only settings --only network; }

# The guide's manifest; pods of a dead node are to be replaced after ten seconds instead of five minutes.
deploy() {
  k patch --local --filename scripts/guide/run-my-nginx.yaml --type merge --output yaml --patch '{"spec":{"template":{"spec":{"tolerations":[
    {"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":10},
    {"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":10}]}}}}' | k apply --filename - &&
    k expose deployment/my-nginx --type NodePort && k rollout status deployment/my-nginx --timeout 600s && on_both_nodes
}
pods() { k get pods -l run=my-nginx --no-headers -o custom-columns=NAME:.metadata.name,IP:.status.podIP,NODE:.spec.nodeName; }
on_both_nodes() { pods; [ "$(pods | awk '{print $3}' | sort -u | wc -l)" -eq 2 ]; }
every_pod_from_every_node() {
  local ip node
  for ip in $(pods | awk '{print $2}'); do
    for node in "${nodes[@]}"; do on "$node" curl -s --max-time 60 "http://$ip" | welcome || { echo "$node does not reach pod $ip"; return 1; }; done
  done
}
pod_to_pod() {
  local from ip to; read -r from ip _ < <(pods); to=$(pods | awk 'NR == 2 { print $1 }')
  k exec "$from" -- curl -s --max-time 60 "http://$(get pod "$to" .status.podIP)/" | welcome && eventually seen_by "$to" "$ip"
}
seen_by() { k logs "$1" | grep "^$2 "; }
cluster_ip() { get service my-nginx .spec.clusterIP; }
service_from_everywhere() {
  local node ip; ip=$(cluster_ip)
  for node in "${nodes[@]}"; do on "$node" curl -s --max-time 60 "http://$ip" | welcome || { echo "not from $node"; return 1; }; done
  k exec "$(pods | awk 'NR == 1 { print $1 }')" -- curl -s --max-time 60 "http://$ip" | welcome
}
name_is_found() {
  on node1 dig +short +tries=5 +time=5 @10.96.0.10 my-nginx.default.svc.cluster.local | grep -x "$(cluster_ip)" &&
    k exec "$(pods | awk 'NR == 2 { print $1 }')" -- curl -s --max-time 60 http://my-nginx | welcome
}
environment() {
  k scale deployment my-nginx --replicas 0 && k scale deployment my-nginx --replicas 2 && eventually two_run || return 1
  k exec "$(pods | awk 'NR == 1 { print $1 }')" -- printenv | grep MY_NGINX_SERVICE_HOST && on_both_nodes
}
two_run() { [ "$(k get pods -l run=my-nginx --no-headers | awk '$2 == "1/1" && $3 == "Running"' | wc -l)" -eq 2 ] && [ "$(pods | wc -l)" -eq 2 ]; }
node_port_from_outside() {
  local port host; port=$(get service my-nginx '.spec.ports[0].nodePort')
  for host in 11 12; do curl -s --noproxy '*' --max-time 60 "http://192.168.56.$host:$port" | welcome || { echo "not at 192.168.56.$host:$port"; return 1; }; done
}
# Under other names than the guide's: my-nginx stays for what follows.
tls() {
  local rename='s/\bmy-nginx\b/my-nginx-tls/g' pod
  make -s -C scripts/guide keys NAME=my-nginx-tls KEY="$work/tls.key" CERT="$work/tls.crt" && k create secret tls nginxsecret --key "$work/tls.key" --cert "$work/tls.crt" &&
    k create configmap nginxconfigmap --from-file scripts/guide/default.conf && sed "$rename" scripts/guide/nginx-secure-app.yaml | k create --filename - &&
    k apply --filename scripts/guide/curlpod.yaml && k rollout status deployment/my-nginx-tls --timeout 600s && k rollout status deployment/curl-deployment --timeout 600s || return 1
  pod=$(k get pods -l app=curlpod -o 'jsonpath={.items[0].metadata.name}')
  eventually verified "$pod" && k delete deployment/my-nginx-tls service/my-nginx-tls deployment/curl-deployment secret/nginxsecret configmap/nginxconfigmap
}
verified() { k exec "$1" -- curl -s --max-time 60 https://my-nginx-tls --cacert /etc/nginx/ssl/tls.crt | welcome; }

# What must be the same afterwards: a node that registers anew has another uid.
identities() { k get nodes -o 'jsonpath={range .items[*]}{.metadata.name} {.metadata.uid} {.spec.podCIDR}{"\n"}{end}' | sort; }
same_nodes() { local now; now=$(identities); [ "$1" = "$now" ] || { printf 'before:\n%s\nnow:\n%s\n' "$1" "$now"; return 1; }; }
# Start times of the containers' processes, by their node: a pod that was started again has another.
processes() { on "$1" "sudo sh -c 'for p in \$(pgrep -x nginx); do cut -d\" \" -f22 /proc/\$p/stat; done | sort -n | head -n1'"; }

# One connection through the Service, on which a request goes every second; the file holds "ended" as soon as one gets no answer.
hold_connection() {
  on node1 "cat >/tmp/hold <<'HOLD'
exec 3<>/dev/tcp/\$1/80 || exit
while printf 'HEAD / HTTP/1.1\r\nHost: hold\r\n\r\n' >&3 && read -r -t 60 line <&3 && [[ \$line == *200* ]]; do
  while read -r -t 60 line <&3 && [ \"\$line\" != \$'\r' ]; do :; done
  echo x >>/tmp/answers; sleep 1
done
echo ended >/tmp/held
HOLD
rm -f /tmp/held /tmp/answers; setsid bash /tmp/hold $(cluster_ip) >/dev/null 2>&1 & echo \$! >/tmp/hold.pid"
  sleep 5; on node1 test -s /tmp/answers
}
connection_is_held() { on node1 "wc -l /tmp/answers; test ! -e /tmp/held && kill \$(cat /tmp/hold.pid)"; }
provision_again() {
  local before nodes_before; nodes_before=$(identities); before="$(processes node1) $(processes node2)"
  hold_connection || { echo "no connection to hold"; return 1; }
  # A package that is newer than what is installed: an upgrade, also where its version is the same.
  local machine; for machine in "${machines[@]}"; do on "$machine" 'sudo touch /vagrant/packages/*.deb' || return 1; done
  quiet_vagrant provision && ready && active || return 1
  [ "$before" = "$(processes node1) $(processes node2)" ] || { echo "nginx was started at $before before, at $(processes node1) $(processes node2) afterwards"; return 1; }
  connection_is_held && same_nodes "$nodes_before" && service_from_everywhere
}

domain() { "${virsh[@]}" list --all --name | grep "_$1\$"; }
endpoints() { k get endpoints my-nginx -o 'jsonpath={.subsets[*].addresses[*].ip}'; }
power_is_pulled() {
  before=$(identities) address=$(cluster_ip) lost=$(pods | awk '$3 == "node2" { print $2 }')
  [ -n "$lost" ] && "${virsh[@]}" destroy "$(domain node2)" && eventually withdrawn && eventually on node1 curl -sf -o /dev/null --max-time 10 "http://$address"
}
withdrawn() { ! endpoints | grep -qwF "$lost" && ! on node1 sudo iptables-save -t nat | grep -qwF -- "--to-destination $lost:80"; }
pods_are_recreated() { eventually all_on_node1 && pods && [ "$(cluster_ip)" = "$address" ] && service_from_node1; }
all_on_node1() { [ "$(k get endpoints my-nginx -o 'jsonpath={.subsets[*].addresses[*].nodeName}')" = "node1 node1" ]; }
service_from_node1() { on node1 curl -s --max-time 60 "http://$address" | welcome; }
# The power is back, and nobody does anything else: no vagrant, which would look after the machine.
node_returns() { "${virsh[@]}" start "$(domain node2)" && ready && same_nodes "$before" && connect && eventually old_pods_are_gone && service_from_everywhere; }
old_pods_are_gone() { [ -z "$(on node2 sudo nodeagent state | grep 'Pod default/my-nginx')" ]; }

reload_node() { local before; before=$(identities); quiet_vagrant reload node1 && connect && ready && same_nodes "$before" && eventually two_run && service_from_everywhere; }
halt_all() {
  local before; before=$(identities) address=$(cluster_ip)
  quiet_vagrant halt && quiet_vagrant up && connect && ready && same_nodes "$before" && eventually two_run && [ "$(cluster_ip)" = "$address" ] && eventually service_from_everywhere
}
suspend_node() {
  local before started; before=$(identities) started=$(processes node1)
  quiet_vagrant suspend node1 && sleep 60 && quiet_vagrant up node1 && connect && ready && same_nodes "$before" || return 1
  [ "$started" = "$(processes node1)" ] || { echo "nginx was started at $started before, at $(processes node1) afterwards"; return 1; }
  eventually service_from_everywhere
}
added_later() {
  NODES=3 quiet_vagrant up node3 && eventually are_ready 3 && k get nodes -o wide || return 1
  k run on-node3 --image nginx --restart Never --overrides '{"spec":{"nodeName":"node3"}}' && k wait --for condition=Ready pod/on-node3 --timeout 600s &&
    on node1 curl -s --max-time 60 "http://$(get pod on-node3 .status.podIP)" | welcome || return 1
  k delete pod on-node3 && k delete node node3 && purged || return 1
}
# As its user would do it; what remains of the package or of its work would be printed.
purged() {
  NODES=3 vagrant ssh node3 -c 'sudo apt-get purge --yes nodeagent >/tmp/purge.log 2>&1 || { cat /tmp/purge.log; exit 1; }
    { ls -d /etc/nodeagent /var/lib/nodeagent /run/nodeagent /usr/lib/nodeagent /sys/fs/cgroup/nodeagent; ip -o link | grep -E " (na0|nav)"; ip netns; findmnt -l | grep nodeagent
      sudo iptables-save | grep NA-; sudo nft list tables | grep "ip na\$"; pgrep -a "nodeagent|conmon|nginx"; } 2>/dev/null | sed "s/^/left: /"' -- -o LogLevel=ERROR -T >"$work/purged"
  local ended=$?; cat "$work/purged"; [ $ended -eq 0 ] && ! grep -q '^left: ' "$work/purged" && NODES=3 quiet_vagrant destroy --force node3
}
clean() { k delete service,deployment my-nginx; }
