#!/usr/bin/env bash
# Walks the guide on the machines of "vagrant up", from the host's side of their network. The last line is "N passed, N failed".
# Needs two nodes (NODES=2); leaves the machines as it found them.
set -uo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top"
source vagrant/test-steps.sh
work=$(mktemp -d)
trap 'disconnect; rm -rf "$work"' EXIT
connect || { echo "the machines are not up: vagrant up" >&2; exit 1; }

echo "the machines"
check "two nodes are Ready" ready
check "systemd runs the control plane and both agents" active
check "each node goes by its address on eth1, not by the NAT's" addresses_are_of_eth1
check "nodeagent doctor finds no fault on node1" doctor
echo "the guide"
check "nginx runs on both nodes, as a Service with a node port" deploy
check "each pod is reached from each node" every_pod_from_every_node
check "a pod reaches one on the other machine, and is seen there by its own address" pod_to_pod
check "the Service is reached from each node and from a pod" service_from_everywhere
check "its name is found on a node and in a pod" name_is_found
check "pods made after the Service know it by their environment" environment
check "its node port is reached from outside, at each node" node_port_from_outside
check "nginx serves TLS with keys of a Secret, and a pod verifies them" tls
echo "machines that are provisioned again"
check "vagrant provision upgrades the packages; no pod and no open connection notices, nobody joins again" provision_again
echo "a node dies"
check "its power is pulled: its endpoint leaves the Service, on the other node too" power_is_pulled
check "its pods run on the other node, the Service's address is the same" pods_are_recreated
check "it comes back by itself, as the same node, without its old pods" node_returns
echo "machines that rest"
check "vagrant reload of a node: the same node, its pods run again" reload_node
check "vagrant halt and up of all machines: the same cluster" halt_all
check "vagrant suspend and up of a node: its pods never ended" suspend_node
check "a machine that is added later joins, pods run there, and apt purge leaves nothing there" added_later
check "what the test made is deleted" clean
echo "took $SECONDS s"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
