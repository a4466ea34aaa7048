#!/bin/bash
# The late helper in the initramfs, on the way up and on the way down. dracut sources this
# and calls the functions; 059 and dracut-ng know the same ones.
# SPDX-License-Identifier: GPL-2.0-or-later

warmboot_helper=/usr/lib/systemd/system-shutdown/warmboot

check() {
    [[ -x ${dracutsysrootdir-}$warmboot_helper ]]
}

depends() {
    # Without its /shutdown there is no way down through here.
    echo shutdown
}

install() {
    # With the libraries that it is linked to.
    inst_binary "$warmboot_helper" /usr/lib/warmboot/late
    # moddir: dracut's, where this file is. Reached: before all others. Left: when the others
    # have cleaned up.
    # shellcheck disable=SC2154
    inst_hook cmdline 00 "$moddir/warmboot-reached.sh"
    inst_hook cleanup 99 "$moddir/warmboot-left.sh"
    inst_hook shutdown 99 "$moddir/warmboot-jump.sh"
}
