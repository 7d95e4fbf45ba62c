#!/bin/sh
# On a node, as root; may be repeated.
set -eu
export DEBIAN_FRONTEND=noninteractive

# Without a way out the box has what the package needs; with one, apt fetches it.
package=$(echo /vagrant/packages/nodeagent_*.deb) installed=/var/lib/dpkg/info/nodeagent.list
if [ ! -e "$installed" ] || [ "$package" -nt "$installed" ]; then
  dpkg --force-confold --install "$package" >/tmp/install.log 2>&1 ||
    { apt-get update && apt-get install -y --no-install-recommends -f; } >>/tmp/install.log 2>&1 || { cat /tmp/install.log >&2; exit 1; }
fi

# Images that the host brought along, for nodes that reach no registry. Those that are there may be in use.
images=/vagrant/share/images.tar.gz
if [ -e $images ] && { [ ! -e /var/lib/nodeagent-images.stamp ] || [ $images -nt /var/lib/nodeagent-images.stamp ]; }; then # dash: what is not there is not older
  mkdir -p /var/lib/nodeagent-images
  tar -C /var/lib/nodeagent-images --skip-old-files -xzf $images
  tar -C /var/lib/nodeagent-images -xzf $images oci/index.json
  touch -r $images /var/lib/nodeagent-images.stamp
fi
options=${NODE_OPTIONS-}
if [ -d /var/lib/nodeagent-images ]; then options="--image-store /var/lib/nodeagent-images${options:+ $options}"; fi
sed -i "s|^NODEAGENT_OPTS=\"\"|NODEAGENT_OPTS=\"$options\"|" /etc/nodeagent/nodeagent.env # what the user has set stays

# The address is found without being told: the one towards the control plane, on eth1.
if [ ! -e /etc/nodeagent/kubeconfig ]; then
  [ -e /vagrant/share/join ] || { echo "no join command in out/vagrant/join: is the machine 'control' up? (vagrant up control; then vagrant provision $(hostname))" >&2; exit 1; }
  sh /vagrant/share/join
fi
rm -f /vagrant/share/join
systemctl enable nodeagent
systemctl restart nodeagent
nodeagent doctor --only network --only clock || echo "nodeagent doctor found something; the node runs all the same"
journalctl --unit nodeagent --no-pager --output cat | grep -m1 'node address' || true
