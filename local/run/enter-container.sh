#!/bin/sh
# Inside new namespaces: makes a root directory that holds the system's programs and what the container may see, then becomes the
# container's user in it, without any capability.
#
#   sh enter-container.sh <root> <accounts> <uid> <gid> <setpriv> <chroot> <working directory> <number of paths> <path>... <command> [<argument>...]
set -eu
root=$1 accounts=$2 uid=$3 gid=$4 setpriv=$5 chroot=$6 workingDirectory=$7 paths=$8
shift 8

# Nothing that is mounted here shows outside.
mount --make-rprivate / 2>/dev/null || true
mount -t tmpfs -o mode=755 tmpfs "$root"
for directory in bin sbin lib lib32 lib64 libx32 usr etc; do
  if [ -L "/$directory" ]; then
    cp -P "/$directory" "$root/$directory"
  elif [ -d "/$directory" ]; then
    mkdir "$root/$directory"
    mount --rbind "/$directory" "$root/$directory"
  fi
done
mount --bind "$accounts" "$root/etc/passwd"
mkdir -m 1777 "$root/tmp"
mkdir "$root/dev" "$root/proc"
for device in null zero full random urandom; do
  : >"$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mount -t proc proc "$root/proc"
while [ "$paths" -gt 0 ]; do
  if [ -d "$1" ]; then mkdir -p "$root$1"; else mkdir -p "$root$(dirname "$1")" && : >"$root$1"; fi
  mount --rbind "$1" "$root$1"
  shift
  paths=$((paths - 1))
done

cd "$root"
# As the only user of a user namespace it has no other identity to take, and no groups that it may drop.
if [ "$(id -u)" -eq 0 ]; then identity="--reuid=$uid --regid=$gid --clear-groups"; else identity=; fi
# shellcheck disable=SC2086
exec "$chroot" "$root" "$setpriv" $identity --no-new-privs --inh-caps=-all --ambient-caps=-all --bounding-set=-all -- \
  sh -c 'cd "$1" && shift && exec "$@"' sh "$workingDirectory" "$@"
