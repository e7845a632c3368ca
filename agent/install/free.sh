#!/bin/sh
# Written by `shoumi agent install`. Is a disk, with all its partitions, free? For udev; the argument is its name (sdb1).
# Status 1: it is mounted or swapped to, something is built on it, or the agent has taken it (a file named after its
# number in @TAKEN@).
sys=${SHOUMI_SYS:-/sys} proc=${SHOUMI_PROC:-/proc} taken=${SHOUMI_TAKEN:-@TAKEN@}
device=$(readlink -f "$sys/class/block/$1") || exit 1
[ -d "$device" ] || exit 1
if [ -e "$device/partition" ]; then disk=${device%/*}; else disk=$device; fi
for part in "$disk" "$disk/${disk##*/}"*; do
  [ -r "$part/dev" ] || continue
  read -r number <"$part/dev"
  [ -e "$taken/$number" ] && exit 1
  while read -r _ _ mounted _; do
    [ "$mounted" = "$number" ] && exit 1
  done <"$proc/self/mountinfo"
  while read -r swap _; do
    [ "$swap" = "/dev/${part##*/}" ] && exit 1
  done <"$proc/swaps"
  for holder in "$part/holders/"*; do
    [ -e "$holder" ] && exit 1
  done
done
exit 0
