#!/bin/sh
# Run a command as the service's user, on the service's files: sudo counterwatch events --since 1d
# Installed as /usr/local/bin/counterwatch.
set -eu
if [ "$(id -u)" != 0 ]; then
    echo "counterwatch: as root, please: sudo counterwatch $*" >&2
    exit 2
fi
cd /
# While the service runs its credentials are there, readable by its user only: `doctor` can then ask Slack.
set -- /opt/counterwatch/.venv/bin/counterwatch "$@"
if [ -d /run/credentials/counterwatch.service ]; then
    set -- CREDENTIALS_DIRECTORY=/run/credentials/counterwatch.service "$@"
fi
umask 077
exec runuser -u counterwatch -- env -i \
    HOME=/var/lib/counterwatch PATH=/usr/bin:/bin LANG="${LANG:-C.UTF-8}" TERM="${TERM:-dumb}" COLUMNS="${COLUMNS:-}" \
    CONFIGURATION_DIRECTORY=/etc/counterwatch STATE_DIRECTORY=/var/lib/counterwatch "$@"
