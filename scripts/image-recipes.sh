# What is in each of the guide's images when it is built here. Sourced by scripts/images.
#
# A root file system is made of the files of Debian packages alone: their dependencies as apt knows them, less what
# only an installation or an administrator needs. No package script runs, so no chroot is needed.

recipes=(nginx nginxhttps_1_0 nginxhttps_1_5 busybox busyboxplus_curl curl)
declare -A image_names=(
  [nginx]="docker.io/library/nginx:latest"
  [nginxhttps_1_0]="docker.io/bprashanth/nginxhttps:1.0"
  [nginxhttps_1_5]="docker.io/ymqytw/nginxhttps:1.5"
  [busybox]="docker.io/library/busybox:latest docker.io/library/busybox:1.37"
  [busyboxplus_curl]="docker.io/radial/busyboxplus:curl"
  [curl]="docker.io/curlimages/curl:latest"
)
built_from_label=nodeagent.built-from-packages

# Tools of an installation, and alternatives that no program in these images calls.
not_in_images='^(iproute2|debconf|cdebconf|openssl|perl|perl-base|dpkg|tar|init-system-helpers|adduser|lsb-base|gcc-[0-9]+-base|libsasl2-modules-db|libdb5[.]3)$'
path_variable=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# Each program is run once in the new root: a library that was left out wrongly stops the build, not a pod.

recipe_nginx() {
  nginx_root "$1"
  image_config=(--config.env "$path_variable" --config.cmd nginx --config.cmd -g --config.cmd "daemon off;"
    --config.exposedports 80/tcp --config.stopsignal SIGQUIT)
}

# Serves https by itself with the keys of the guide's first state, /etc/nginx/ssl/nginx.crt and nginx.key.
recipe_nginxhttps_1_0() {
  reloading_nginx "$1"
  nginx_https_conf >"$1/etc/nginx/conf.d/default.conf"
}

recipe_nginxhttps_1_5() {
  reloading_nginx "$1"
}

reloading_nginx() {
  local root=$1
  nginx_root "$root" inotify-tools
  mkdir -p "$root/etc/nginx/ssl"
  sed 's/Welcome to nginx!/Nginx reloaded!/' "$root/usr/share/nginx/html/index.html" >"$root/usr/share/nginx/html/index2.html"
  grep -q '<title>Nginx reloaded!</title>' "$root/usr/share/nginx/html/index2.html"
  auto_reload_script >"$root/home/auto-reload-nginx.sh"
  chmod 755 "$root/home/auto-reload-nginx.sh"
  (chroot "$root" inotifywait --help || true) | grep -q -- --monitor # its help ends with 1
  image_config=(--config.env "$path_variable" --config.cmd /home/auto-reload-nginx.sh
    --config.exposedports 80/tcp --config.exposedports 443/tcp --config.stopsignal SIGQUIT)
}

# nginx as its own image has it, and the packages named besides.
nginx_root() {
  local root=$1; shift
  unpack_packages "$root" nginx curl busybox-static "$@"
  take_file "$root" coreutils usr/bin/printenv
  base_files "$root"
  busybox_applets "$root"
  add_user "$root" nginx 101
  add_user "$root" www-data 33
  rm -rf "$root"/etc/nginx/{sites-*,modules-*,snippets,nginx.conf} "$root"/etc/{init.d,default,logrotate.d,ufw}
  mkdir -p "$root"/etc/nginx/conf.d "$root"/var/{log,lib}/nginx
  nginx_conf >"$root/etc/nginx/nginx.conf"
  nginx_default_conf >"$root/etc/nginx/conf.d/default.conf"
  ln -s /dev/stdout "$root/var/log/nginx/access.log"
  ln -s /dev/stderr "$root/var/log/nginx/error.log"
  grep -q '<h1>Welcome to nginx!</h1>' "$root/usr/share/nginx/html/index.html"
  chroot "$root" nginx -t -q
  rm -rf "$root"/dev/* "$root"/run/* "$root"/var/lib/nginx/*
}

recipe_busybox() {
  unpack_packages "$1" busybox-static
  base_files "$1"
  busybox_applets "$1"
  image_config=(--config.env "$path_variable" --config.cmd sh)
}

recipe_busyboxplus_curl() {
  local root=$1
  unpack_packages "$root" busybox-static curl ca-certificates
  take_file "$root" libc-bin usr/bin/getent
  take_file "$root" coreutils usr/bin/printenv
  base_files "$root"
  nslookup_script >"$root/usr/bin/nslookup"
  chmod 755 "$root/usr/bin/nslookup"
  busybox_applets "$root"
  ca_bundle "$root"
  chroot "$root" curl --version >/dev/null
  chroot "$root" getent passwd root >/dev/null
  # The prompt that the guide shows. A shell of busybox takes busybox's own nslookup unless it is told another.
  echo 'alias nslookup=/usr/bin/nslookup' >"$root/etc/shrc"
  image_config=(--config.env "$path_variable" --config.env 'PS1=[ \u@\h:\w ]$ ' --config.env ENV=/etc/shrc --config.cmd /bin/sh)
}

recipe_curl() {
  local root=$1
  unpack_packages "$root" busybox-static curl ca-certificates
  take_file "$root" coreutils usr/bin/printenv
  base_files "$root"
  busybox_applets "$root"
  ca_bundle "$root"
  chroot "$root" curl --version >/dev/null
  add_user "$root" curl_user 100
  # A first argument that is no program is one of curl's: "run x --image=curlimages/curl -- http://my-nginx".
  cat >"$root/entrypoint.sh" <<'EOF'
#!/bin/sh
if [ "${1#-}" != "$1" ] || ! command -v "$1" >/dev/null 2>&1; then set -- curl "$@"; fi
exec "$@"
EOF
  chmod 755 "$root/entrypoint.sh"
  image_config=(--config.env "$path_variable" --config.entrypoint /entrypoint.sh --config.cmd curl --config.user curl_user)
}

# The packages and what they depend on, breadth first; of alternatives the first, as apt does.
package_closure() {
  [[ -s $scratch/depends ]] ||
    apt-cache depends --recurse --important nginx busybox-static curl ca-certificates inotify-tools >"$scratch/depends" || {
      say "apt does not know the packages; run: apt-get update"
      return 1
    }
  awk -v skip="$not_in_images" -v roots="$*" '
    /^[^ <]/ { name = $1; alternative = 0; next }
    / \|?(Pre)?Depends:/ {
      if (!alternative && $2 !~ /^</ && $2 !~ skip) needs[name] = needs[name] " " $2
      alternative = ($1 ~ /^\|/)
    }
    END {
      n = split(roots, todo, " ")
      for (i = 1; i <= n; i++) {
        if (todo[i] in seen) continue
        seen[todo[i]] = 1; print todo[i]
        m = split(needs[todo[i]], more, " ")
        for (j = 1; j <= m; j++) todo[++n] = more[j]
      }
    }' "$scratch/depends" | sort
}

# Downloads each package once per run of the script.
unpack_packages() {
  local root=$1 debs=$scratch/debs package dir; shift
  mkdir -p "$debs" "$root"/usr/{bin,sbin,lib,lib64,share/doc}
  for dir in bin sbin lib lib64; do ln -s "usr/$dir" "$root/$dir"; done
  local -a packages absent=()
  package_closure "$@" >"$scratch/packages"
  mapfile -t packages <"$scratch/packages"
  for package in "${packages[@]}"; do
    compgen -G "$debs/${package}_*.deb" >/dev/null || absent+=("$package")
  done
  ((${#absent[@]} == 0)) || download "$debs" "${absent[@]}"
  for package in "${packages[@]}"; do
    dpkg-deb --fsys-tarfile "$debs/${package}"_*.deb | tar --extract --directory "$root" --keep-directory-symlink
    dpkg-deb --show --showformat '${Package}=${Version}\n' "$debs/${package}"_*.deb >>"$root/usr/share/doc/PACKAGES"
  done
  prune "$root"
  newest_file_time=$(find "$root" -type f ! -name PACKAGES -printf '%T@\n' | sort -n | tail -1 | cut -d. -f1)
}

# One file of a package of which the rest is not wanted.
take_file() {
  local root=$1 package=$2 file=$3 debs=$scratch/debs
  compgen -G "$debs/${package}_*.deb" >/dev/null || download "$debs" "$package"
  dpkg-deb --fsys-tarfile "$debs/${package}"_*.deb | tar --extract --directory "$root" "./$file"
  dpkg-deb --show --showformat '${Package}=${Version}\n' "$debs/${package}"_*.deb >>"$root/usr/share/doc/PACKAGES"
}

# As root, and into a directory that only root may enter, where apt's download user could not write.
download() {
  local into=$1; shift
  (cd "$into" && apt-get -qq -o APT::Sandbox::User=root download "$@") && return
  say "these packages could not be downloaded: $*"
  say "if apt knows nothing of them: apt-get update"
  return 1
}

# Manuals, translations, character sets: nothing that a program here opens. The copyright files stay.
prune() {
  rm -rf "$1"/usr/share/{man,locale,lintian,vim,apport,initramfs-tools,gcc,bug,info,examples,zsh,bash-completion} \
    "$1"/usr/lib/{*/gconv,locale,systemd} "$1"/lib/systemd "$1"/etc/ld.so.conf.d
  find "$1/usr/share/doc" -type f ! -name copyright ! -name PACKAGES -delete
  find "$1/usr/share/doc" -mindepth 1 -type d -empty -delete
}

base_files() {
  local root=$1
  mkdir -p "$root"/{dev,etc,home,proc,root,run,sys,tmp,var/tmp}
  chmod 700 "$root/root"
  chmod 1777 "$root/tmp" "$root/var/tmp"
  ln -sfn /run "$root/var/run"
  echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
  echo 'root:x:0:' >"$root/etc/group"
  add_user "$root" nobody 65534
  echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
}

add_user() {
  echo "$2:x:$3:$3:$2:/:/bin/false" >>"$1/etc/passwd"
  echo "$2:x:$3:" >>"$1/etc/group"
}

# A real program of the same name wins over busybox's applet.
busybox_applets() {
  local root=$1 applet
  while read -r applet; do
    mkdir -p "$root/${applet%/*}"
    [[ -e $root/$applet ]] || ln -s /bin/busybox "$root/$applet"
  done < <("$root/bin/busybox" --list-full)
  # The one applet of other busyboxes that Debian's lacks and people use.
  [[ -e $root/usr/bin/printenv ]] || printenv_script >"$root/usr/bin/printenv"
  chmod 755 "$root/usr/bin/printenv"
}

printenv_script() {
  cat <<'EOF'
#!/bin/sh
[ $# -gt 0 ] || exec env
exec awk 'BEGIN { for (i = 1; i < ARGC; i++) if (ARGV[i] in ENVIRON) print ENVIRON[ARGV[i]]; else code = 1; exit code }' "$@"
EOF
}

# What ca-certificates' installation would make of its files.
ca_bundle() {
  mkdir -p "$1/etc/ssl/certs"
  cat "$1"/usr/share/ca-certificates/mozilla/*.crt >"$1/etc/ssl/certs/ca-certificates.crt"
}

nginx_conf() {
  cat <<'EOF'
user  nginx;
worker_processes  auto;

error_log  /var/log/nginx/error.log notice;
pid        /run/nginx.pid;

events {
    worker_connections  1024;
}

http {
    include       /etc/nginx/mime.types;
    default_type  application/octet-stream;

    log_format  main  '$remote_addr - $remote_user [$time_local] "$request" '
                      '$status $body_bytes_sent "$http_referer" '
                      '"$http_user_agent" "$http_x_forwarded_for"';

    access_log  /var/log/nginx/access.log  main;

    sendfile           on;
    keepalive_timeout  65;

    include /etc/nginx/conf.d/*.conf;
}
EOF
}

nginx_default_conf() {
  cat <<'EOF'
server {
    listen       80;
    server_name  localhost;

    location / {
        root   /usr/share/nginx/html;
        index  index.html;
    }
}
EOF
}

nginx_https_conf() {
  cat <<'EOF'
server {
    listen       80 default_server;
    listen       443 ssl;
    server_name  localhost;

    root   /usr/share/nginx/html;
    index  index.html;

    ssl_certificate      /etc/nginx/ssl/nginx.crt;
    ssl_certificate_key  /etc/nginx/ssl/nginx.key;

    location / {
        try_files $uri $uri/ =404;
    }
}
EOF
}

# nginx takes the place of this script, so that signals and the exit code are its own; the watch ends with it.
auto_reload_script() {
  cat <<'EOF'
#!/bin/sh
# Starts nginx, and has it read its configuration and keys again when a file in one of these directories changes.
# A volume is updated by renaming one symbolic link in the directory; what counts is whether the files differ then.
directories="/etc/nginx/conf.d /etc/nginx/ssl"
nginx=$$

contents() { for directory in $directories; do cat "$directory"/* 2>/dev/null; done | sha256sum; }

# The process id is in its file once nginx has read everything for the first time.
reload() {
  tries=0
  while [ ! -s /run/nginx.pid ] && [ $tries -lt 100 ]; do tries=$((tries + 1)); sleep 0.1; done
  nginx -s reload && echo "auto-reload-nginx: reloaded"
}

# Its first word on stderr says that nothing is missed from here on; it is a reason to look, as every line is.
watch() {
  inotifywait --monitor --event close_write,create,delete,move,attrib $directories 2>&1 | while read -r line; do
    kill -0 $nginx 2>/dev/null || exit 0
    now=$(contents)
    [ "$now" != "$served" ] || continue
    served=$now
    reload
  done
}

served=$(contents)
watch &
exec nginx -g "daemon off;" "$@"
EOF
}

# busybox's own prints another form since 1.29, and knows no search domains.
nslookup_script() {
  cat <<'EOF'
#!/bin/sh
# nslookup NAME: asks as every program here does (/etc/hosts, then the name server with the search domains of
# /etc/resolv.conf). With options or a name server named, busybox's own nslookup answers.
case $1 in '' | -*) exec busybox nslookup "$@" ;; esac
[ $# -eq 1 ] || exec busybox nslookup "$@"

server=$(awk '$1 == "nameserver" { print $2; exit }' /etc/resolv.conf)
printf 'Server:    %s\nAddress 1: %s\n\n' "$server" "$server"

case $1 in
  *[!0-9.]*) ;;
  *.*.*.*)
    name=$(getent hosts "$1" | awk '{ print $2 }')
    printf 'Name:      %s\nAddress 1: %s%s\n' "$1" "$1" "${name:+ $name}"
    exit 0 ;;
esac
found=$(getent ahosts "$1" | awk '$2 == "STREAM" { print "Address " ++n ": " $1 }')
[ -n "$found" ] || { echo "nslookup: can't resolve '$1'" >&2; exit 1; }
printf 'Name:      %s\n%s\n' "$1" "$found"
EOF
}
