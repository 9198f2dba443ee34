#!/bin/sh
# Runs a command as root in a copy of this machine's system that shares all but what is changed: packages are installed there, and not here.
# Usage: unshare --mount sh inside.sh FOLDER COMMAND...
set -e
there=$1
shift
mkdir -p "$there/changed" "$there/work" "$there/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$there/changed,workdir=$there/work" "$there/root"
mount --rbind /proc "$there/root/proc"
mount --rbind /dev "$there/root/dev"
exec chroot "$there/root" env DEBIAN_FRONTEND=noninteractive HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
