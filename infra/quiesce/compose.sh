# Stops, starts or looks at services of Docker Compose on this host. What runs of them afterwards stands in the last line.
# Comes after three lines that set action, directory and services.
set -eu
cd "$directory"

known=$(docker compose config --services)
for service in $services; do
  # A service that is not there would count as one that has stopped.
  if ! printf '%s\n' "$known" | grep -Fqx -- "$service"; then
    echo "holdfast: there is no service $service in $directory" >&2
    exit 3
  fi
done

# Services of those asked for that have a running container, in the order asked.
running() {
  now=$(docker compose ps --services --status running)
  for service in $services; do
    if printf '%s\n' "$now" | grep -Fqx -- "$service"; then printf ' %s' "$service"; fi
  done
}

case "$action" in
  # Word splitting is what makes several services of one parameter.
  stop) docker compose stop $services >&2 ;;
  start) docker compose start $services >&2 ;;
  status) ;;
  *)
    echo "holdfast: unknown action $action" >&2
    exit 3
    ;;
esac

names=$(running)
if [ -z "$names" ]; then echo 'holdfast: stopped'; else echo "holdfast: running$names"; fi
if [ "$action" = stop ] && [ -n "$names" ]; then exit 4; fi
