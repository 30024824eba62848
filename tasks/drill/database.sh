#!/bin/sh
# The container `database` of a drill: a PostgreSQL that lives for one restore, and for what a restored dump may start in it.
#
#   sh database.sh <shared directory> <data directory> [<longest life in seconds>]
#
# The shared directory is the only thing that it has in common with the runner: the Unix socket, and the files of a conversation.
#   settings   by the runner: key=value lines, see core/drill/throwaway-settings.ts; nothing starts before it is there
#   ready      by this script: version of the server and free space; the server accepts connections
#   failed     by this script: why there is no server (any more)
#   stop       by the runner: end now
#   stopped    by this script: the server has ended and its data is gone
# The server's own user has no password: who reaches the socket is superuser. The permissions of the shared directory let in the runner
# and nobody else.
set -u

# A restored dump can run programs as this user. Whatever the environment held (on Fargate: the way to the task's credentials) must
# not be in any process from here on, not even in /proc/<pid>/environ of this shell.
if [ "${HOLDFAST_CLEAN-}" != yes ]; then
  exec env -i HOLDFAST_CLEAN=yes PATH="$PATH" LC_ALL=C sh "$0" "$@"
fi
umask 077
# What is restored here is not left in a core dump when a server crashes, which a dump can make it do.
ulimit -c 0
# Where the kernel pipes dumps to a program it does not ask for that limit.
{ echo 0 >/proc/self/coredump_filter; } 2>/dev/null

shared=${1:?the shared directory}
cluster=${2:?the data directory}/cluster
lifeSeconds=${3:-21600}
endsAt=$(($(date +%s) + lifeSeconds))
server=

say() { printf 'database: %s\n' "$1"; }

# Read by the runner, which is another user of the same group: written whole, then named.
publish() {
  printf '%s\n' "$2" >"$shared/.$1" && chmod 644 "$shared/.$1" && mv -f "$shared/.$1" "$shared/$1"
}

remove() {
  if [ -n "$server" ]; then
    # Immediate: nothing of it is kept. A server that only starts does not hear the first signals: a shell makes its background jobs
    # ignore SIGQUIT until they say otherwise.
    tries=0
    while kill -QUIT "$server" 2>/dev/null; do
      if [ "$tries" -ge 30 ]; then kill -KILL "$server" 2>/dev/null; fi
      tries=$((tries + 1))
      sleep 0.1
    done
    wait "$server" 2>/dev/null
    server=
  fi
  # As the first process of a container everything else in it was started by the dump.
  if [ $$ -eq 1 ]; then kill -KILL -1 2>/dev/null; fi
  rm -rf "$cluster"
}

end() {
  trap '' TERM INT
  remove
  publish stopped "$1" 2>/dev/null
  say "ended: $1"
  exit 0
}

# $1 is the reason as the runner classifies it, $2 what a person reads.
fail() {
  trap '' TERM INT
  say "failed: $2"
  remove
  publish failed "$1 $2" 2>/dev/null
  exit 1
}

checkLife() { if [ "$(date +%s)" -ge "$endsAt" ]; then end 'its longest life was over'; fi; }

trap 'end "it was told to end"' TERM INT
# With its hang-up ignored a server would outlive a terminal.
trap 'end "its terminal went away"' HUP

[ -d "$shared" ] || { say "the shared directory $shared is not there"; exit 1; }
# PostgreSQL's limit for the path of a socket is 107 bytes, and it appends /.s.PGSQL.5432.
[ "${#shared}" -le 90 ] || fail start "the path of the shared directory is too long for a Unix socket (${#shared} of 90 bytes)"

while [ ! -f "$shared/settings" ]; do
  if [ -f "$shared/stop" ]; then end 'the runner ended before it asked for a server'; fi
  checkLife
  sleep 0.1
done

memoryMiB=1024
jobs=1
while IFS='=' read -r name value; do
  case "$value" in '' | *[!0-9]*) fail start "the setting '$name' is not a number" ;; esac
  case "$name" in
    memoryMiB) memoryMiB=$value ;;
    jobs) jobs=$value ;;
    *) fail start "the setting '$name' is unknown: runner and database are of different versions" ;;
  esac
done <"$shared/settings"

rm -rf "$cluster"
log=$cluster/server.log
# No data is in the server yet, so what initdb says quotes nobody.
said=$(initdb -D "$cluster" -U holdfast --auth-local=trust --auth-host=reject --encoding=UTF8 --locale=C --no-sync 2>&1) ||
  fail start "initdb: $(printf '%s' "$said" | tail -n 3 | tr '\n' ' ')"

# Who reaches the socket is superuser as the server's own user alone. Every other role has to know a password, and has none, but for the
# one that an application is given.
printf 'local all holdfast trust\nlocal all all scram-sha-256\n' >"$cluster/pg_hba.conf"

sortMiB=$((memoryMiB / 2 / (jobs + 1)))
[ "$sortMiB" -ge 16 ] || sortMiB=16
cat >>"$cluster/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$(printf '%s' "$shared" | sed "s/'/''/g")'
max_connections = $((jobs + 20))
max_locks_per_transaction = 1024
# Fargate gives 64 MB of /dev/shm.
dynamic_shared_memory_type = mmap
shared_buffers = $((memoryMiB / 4))MB
maintenance_work_mem = ${sortMiB}MB
max_parallel_maintenance_workers = 0
# It never outlives a crash.
fsync = off
full_page_writes = off
synchronous_commit = off
restart_after_crash = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 2GB
# The log of a server quotes rows; only what ends the server is written, and it stays in the data directory.
log_min_messages = panic
log_min_error_statement = panic
log_error_verbosity = terse
log_statement = none
lc_messages = 'C'
jit = off
CONF
# From 17 on an event trigger may watch logins: one of a dump could shut out whoever checks, or write into what is counted.
case "$(postgres --version)" in *') '1[789]* | *') '[2-9][0-9]*) echo 'event_triggers = off' >>"$cluster/postgresql.conf" ;; esac

postgres -D "$cluster" >"$log" 2>&1 </dev/null &
server=$!

until psql -X -q -A -t -h "$shared" -U holdfast -d postgres -c 'SELECT 1' >/dev/null 2>&1; do
  kill -0 "$server" 2>/dev/null || fail start "postgres: $(tail -n 3 "$log" | tr '\n' ' ')"
  if [ -f "$shared/stop" ]; then end 'the runner told it to'; fi
  checkLife
  sleep 0.1
done
publish ready "version=$(postgres --version | sed 's/^postgres (PostgreSQL) //')
freeKiB=$(df -Pk "$cluster" | awk 'NR == 2 { print $4 }')"
say 'the server accepts connections'

while kill -0 "$server" 2>/dev/null; do
  if [ -f "$shared/stop" ]; then end 'the runner told it to'; fi
  checkLife
  sleep 0.1
done

# Only that it ended, and of what kind of trouble: by now the log may quote rows.
if grep -q -E 'No space left on device|Disk quota exceeded|File too large' "$log"; then fail disk 'the server ended: its disk is full'; fi
fail died 'the server ended by itself'
