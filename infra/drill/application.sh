# The first process in the container of an application that a drill brings up; Holdfast's own, in an image that is not.
#
#   sh -c <this text> holdfast <directory> <program> [<argument>...]
#
# The directory is shared with the runner, for the files of a conversation:
#   waiting      by this script: the container is there
#   environment  by the runner: lines `export NAME='value'`; gone as soon as they were read
#   start        by the runner: the database is restored
#   started      by this script: the environment was read
#   stop         by the runner: end now
#   ended        by this script: the program's exit code
set -u
# The environment may hold a key.
ulimit -c 0
{ echo 0 >/proc/self/coredump_filter; } 2>/dev/null
directory=$1
shift
child=
told=no

publish() { printf '%s\n' "$2" >"$directory/.$1" && mv -f "$directory/.$1" "$directory/$1"; }
# Not every image has a sleep that knows parts of a second.
doze() { sleep 0.2 2>/dev/null || sleep 1; }

trap 'told=yes' TERM INT HUP

publish waiting ''
until [ -f "$directory/start" ]; do
  if [ "$told" = yes ] || [ -f "$directory/stop" ]; then
    publish ended 0
    exit 0
  fi
  doze
done

. "$directory/environment"
publish started ''
"$@" &
child=$!

tries=0
while kill -0 "$child" 2>/dev/null; do
  if [ "$told" = yes ] || [ -f "$directory/stop" ]; then
    if [ "$tries" -eq 0 ]; then kill -TERM "$child" 2>/dev/null; fi
    # Three seconds, or fifteen where sleep knows no less than one: nothing of it is kept.
    if [ "$tries" -ge 15 ]; then kill -KILL "$child" 2>/dev/null; fi
    tries=$((tries + 1))
  fi
  doze
done
wait "$child"
code=$?
# As the first process of a container: whatever the program has left behind.
if [ $$ -eq 1 ]; then kill -KILL -1 2>/dev/null; fi
publish ended "$code"
