#!/bin/sh
# On the machine "control", as root; may be repeated. Usage: control.sh ADDRESS
set -eu
address=$1
export DEBIAN_FRONTEND=noninteractive

# Without a way out the box has what the package needs; with one, apt fetches it.
package=$(echo /vagrant/packages/nodeagent-controlplane_*.deb) installed=/var/lib/dpkg/info/nodeagent-controlplane.list
if [ ! -e "$installed" ] || [ "$package" -nt "$installed" ]; then
  dpkg --force-confold --install "$package" >/tmp/install.log 2>&1 ||
    { apt-get update && apt-get install -y --no-install-recommends -f; } >>/tmp/install.log 2>&1 || { cat /tmp/install.log >&2; exit 1; }
fi

if [ ! -e /var/lib/nodeagent-controlplane/store.db ]; then controlplane init --advertise-address "$address" --token-ttl 1m >/dev/null; fi # machines join by the command that vagrant/join-command asks for
systemctl enable --now controlplane
ready() { if command -v curl >/dev/null; then curl --insecure --silent --fail --max-time 60 "https://$address:6443/readyz" >/dev/null; else controlplane token list >/dev/null 2>&1; fi; }
for _ in $(seq 300); do ready && break; sleep 1; done
ready || { journalctl --unit controlplane --no-pager --lines 20 >&2; exit 1; }

# kubectl for whoever logs in.
install -d -o vagrant -g vagrant -m 700 /home/vagrant/.kube
install -o vagrant -g vagrant -m 600 /var/lib/nodeagent-controlplane/admin.conf /home/vagrant/.kube/config
if ! command -v kubectl >/dev/null; then apt-get install -y --no-install-recommends kubernetes-client >/tmp/install.log 2>&1 || echo "no kubectl here and none to be had; copy /home/vagrant/.kube/config to where one is"; fi
echo "the control plane is running at https://$address:6443"
