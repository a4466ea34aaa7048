#!/bin/sh
# After a package is installed for the first time: enable the confirmation by the system's
# preset, as for any unit that a package brings. dpkg says "configure" and no older version,
# rpm how many versions there are now.
set -e

case "$1:$2" in
configure: | 1:)
	if command -v systemctl >/dev/null; then
		systemctl preset warmboot-confirm.service || true
	fi
	;;
esac
exit 0
