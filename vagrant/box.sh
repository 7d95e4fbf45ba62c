#!/usr/bin/env bash
# Builds a Vagrant box of this machine's Debian release for libvirt, with all that nodes need in it.
# Usage: sudo vagrant/box.sh FILE.box  (needs mmdebstrap, extlinux, qemu-utils, fdisk and a Debian mirror)
set -euo pipefail
[ "$(id -u)" -eq 0 ] || { echo "vagrant/box.sh: must run as root" >&2; exit 2; }
[ $# -eq 1 ] || { echo "Usage: sudo vagrant/box.sh FILE.box" >&2; exit 2; }
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
mkdir -p "$(dirname "$1")"
box=$(realpath "$1")
size=6 # GB
work=$(mktemp -d /var/tmp/box.XXXXXX)
loop=
clean() {
  mountpoint -q "$work/mnt" && umount "$work/mnt"
  [ -z "$loop" ] || losetup -d "$loop"
  rm -rf "$work"
}
trap clean EXIT

depends=$(cat "$top"/packaging/*/control | sed -n 's/^Depends: //p' | tr ',' '\n' | sed -E 's/[(|].*//; s/ //g' | sort -u | paste -sd,)
system=linux-image-cloud-amd64,systemd,systemd-sysv,systemd-timesyncd,dbus,udev,kmod,e2fsprogs,initramfs-tools,ifupdown,isc-dhcp-client,openssh-server,sudo,rsync,iproute2,iputils-ping,nftables,conntrack,curl,dnsutils,procps,less,kubernetes-client

mkdir "$work/mnt" "$work/hook"
# What is written before packages configure: an initramfs with the virtual disk in it, and no more.
cat >"$work/hook/setup" <<'HOOK'
set -e
mkdir -p "$1/etc/initramfs-tools/conf.d"
echo 'MODULES=list' >"$1/etc/initramfs-tools/conf.d/modules"
printf 'virtio_pci\nvirtio_blk\nvirtio_net\next4\n' >"$1/etc/initramfs-tools/modules"
HOOK
cat >"$work/hook/customize" <<'HOOK'
set -e
chroot "$1" useradd --create-home --shell /bin/bash vagrant
echo 'vagrant ALL=(ALL) NOPASSWD: ALL' >"$1/etc/sudoers.d/vagrant"
chmod 440 "$1/etc/sudoers.d/vagrant"
install -d -m 700 "$1/home/vagrant/.ssh"
install -m 600 "$(ls /usr/share/vagrant*/keys/vagrant.pub /usr/share/rubygems-integration/all/gems/vagrant-*/keys/vagrant.pub /opt/vagrant/embedded/gems/gems/vagrant-*/keys/vagrant.pub 2>/dev/null | head -n 1)" "$1/home/vagrant/.ssh/authorized_keys"
chroot "$1" chown -R vagrant:vagrant /home/vagrant/.ssh
# What is slow where the processor is emulated: keys and key exchange of large numbers, the kernel's mitigations (below), what services do at each start.
printf 'UseDNS no\nHostKey /etc/ssh/ssh_host_ed25519_key\nHostKey /etc/ssh/ssh_host_ecdsa_key\nKexAlgorithms curve25519-sha256,ecdh-sha2-nistp256\n' >"$1/etc/ssh/sshd_config.d/vagrant.conf"
chroot "$1" systemctl mask --quiet systemd-timesyncd.service e2scrub_reap.service e2scrub_all.timer apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer systemd-pstore.service
# .NET compiles again what is called often: worth it natively, but here it takes the processor for minutes. After an hour (in hexadecimal milliseconds) it may.
mkdir -p "$1/etc/systemd/system.conf.d"
printf '[Manager]\nDefaultEnvironment=DOTNET_TC_CallCountingDelayMs=36EE80\n' >"$1/etc/systemd/system.conf.d/emulated.conf"
printf '/dev/vda1 / ext4 defaults,noatime 0 1\n' >"$1/etc/fstab"
printf 'auto lo\niface lo inet loopback\n\nallow-hotplug eth0\niface eth0 inet dhcp\n' >"$1/etc/network/interfaces"
echo bookworm >"$1/etc/hostname"
printf '127.0.0.1 localhost\n' >"$1/etc/hosts"
: >"$1/etc/machine-id" # each machine makes its own
mkdir -p "$1/boot/extlinux"
cat >"$1/boot/extlinux/extlinux.conf" <<'BOOT'
default linux
label linux
  kernel /vmlinuz
  initrd /initrd.img
  append root=/dev/vda1 ro net.ifnames=0 biosdevname=0 console=ttyS0 quiet mitigations=off audit=0
BOOT
rm -f "$1"/etc/ssh/ssh_host_*
cat >"$1/etc/systemd/system/ssh-keys.service" <<'UNIT'
[Unit]
Description=Host keys of this machine
Before=ssh.service
ConditionPathExists=!/etc/ssh/ssh_host_ed25519_key
[Service]
Type=oneshot
ExecStart=/usr/bin/ssh-keygen -q -t ecdsa -N '' -f /etc/ssh/ssh_host_ecdsa_key
ExecStart=/usr/bin/ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
[Install]
WantedBy=multi-user.target
UNIT
chroot "$1" systemctl enable ssh-keys.service
HOOK

mmdebstrap --quiet --variant=minbase --components=main --include="$system,$depends" --setup-hook="sh $work/hook/setup \"\$1\"" --customize-hook="sh $work/hook/customize \"\$1\"" \
  "$(. /etc/os-release; echo "$VERSION_CODENAME")" "$work/root.tar"

truncate -s ${size}G "$work/disk.raw"
echo '2048,,L,*' | sfdisk --quiet "$work/disk.raw"
dd if=/usr/lib/EXTLINUX/mbr.bin of="$work/disk.raw" conv=notrunc status=none
loop=$(losetup --find --show --offset $((2048 * 512)) "$work/disk.raw")
mkfs.ext4 -q -O ^64bit,^metadata_csum "$loop"
mount "$loop" "$work/mnt"
tar -C "$work/mnt" --xattrs --xattrs-include='*' -xf "$work/root.tar" && rm "$work/root.tar"
extlinux --install "$work/mnt/boot/extlinux" >/dev/null
umount "$work/mnt"
losetup -d "$loop"; loop=
qemu-img convert -c -O qcow2 "$work/disk.raw" "$work/box.img"
rm "$work/disk.raw"
echo "{\"provider\":\"libvirt\",\"format\":\"qcow2\",\"virtual_size\":$size}" >"$work/metadata.json"
printf 'Vagrant.configure("2") { |config| config.vm.provider(:libvirt) { |libvirt| libvirt.disk_bus = "virtio" } }\n' >"$work/Vagrantfile"
mkdir -p "$(dirname "$box")"
tar -C "$work" -czf "$box.new" metadata.json Vagrantfile box.img
mv "$box.new" "$box"
echo "$box: $(du -h "$box" | cut -f1)"
