#!/bin/sh
# make_files.sh PROGRAM DIRECTORY: what the program says of itself, as files of the package.
set -e
program=$1 out=$2
mkdir -p "$out"
"$program" completion bash >"$out/completion"
"$program" --lang en man | gzip -9n >"$out/fundtrail.1.gz"
"$program" --lang zh man | gzip -9n >"$out/fundtrail.zh_CN.1.gz"
"$program" config show --template |
  sed -e 's|^# ledger = .*|ledger = "/var/lib/fundtrail/ledger"|' \
      -e 's|^# keys = .*|keys = "/etc/fundtrail/keys"|' \
      -e 's|^# backups = .*|backups = "/var/backups/fundtrail"|' >"$out/fundtrail.toml"
