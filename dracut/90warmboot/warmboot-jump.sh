#!/bin/sh
# Sourced by dracut's shutdown.sh, which has unmounted the root by now, or finally failed to.
# It calls the files in this folder again and again and removes each that succeeds, at most
# 41 times, and then once more with "final".
# SPDX-License-Identifier: GPL-2.0-or-later

# The others, which take md, dm and the like apart, have to be done first.
warmboot_others_left() {
    # hookdir is dracut's, since 059 in two places; dracut-ng has two more for files of users.
    # shellcheck disable=SC2154
    for warmboot_hook in "$hookdir"/shutdown/*.sh /etc/dracut/hooks/shutdown/*.sh \
        /usr/lib/dracut/hooks/shutdown/*.sh; do
        case $warmboot_hook in
        */??-warmboot-jump.sh) ;;
        *) [ ! -e "$warmboot_hook" ] || return 0 ;;
        esac
    done
    return 1
}

# shutdown.sh itself would call a program kexec, and where that is missing reboot through the
# firmware without a word. The helper comes back only where there is nothing to jump to, or
# where it said why not; the rest of shutdown.sh then does what it always does.
warmboot_jump() {
    # ACTION is shutdown.sh's.
    # shellcheck disable=SC2154
    case $ACTION in
    kexec) ;;
    # What was to force a reboot that hangs is gone with the old root.
    reboot)
        /usr/lib/warmboot/late reboot || :
        return 0
        ;;
    *) return 0 ;;
    esac
    if [ "${1-}" != final ] && warmboot_others_left; then
        return 1
    fi
    # Somebody wants to look around first.
    getarg 'rd.break=shutdown' >/dev/null && return 0
    /usr/lib/warmboot/late exitrd || :
    return 0
}

warmboot_jump "$@"
