/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What is left for after the hand-over: by systemd-shutdown(8) in the phase late, and by
 * dracut's shutdown initramfs in the phase exitrd. There is no undo here. The way back
 * that is left is to unload the image: systemd-shutdown and dracut then find nothing to
 * jump to, and reboot through the firmware.
 */

#include "run/run.h"

/* Of each phase. systemd ends all programs of its folder after DEFAULT_TIMEOUT_USEC,
 * 90 s; the rest is for giving up in. */
#define WB_LATE_TIMEOUT_USEC UINT64_C(60000000)
/* Our helper, in the initramfs. */
#define WB_LATE_HELPER "/usr/lib/warmboot/late"

/* Does a driver hang in one of its steps, so that nothing may be handed to another
 * kernel?
 */
bool wb_late_any_stuck(const struct wb_record *record);
/* Before the hand-over: have the shutdown initramfs unpacked where the plan needs it. */
_must_check_ int wb_late_arrange(struct wb_run *run);
/*
 * In an ordinary reboot: where it stands in the place of a warm boot that left a driver
 * hanging, have it forced after a while. 0, also where there is no such thing.
 */
_must_check_ int wb_late_guard(struct wb_sys *sys);
/*
 * Read the record of the run that takes the machine down. 1 and the record, the
 * caller's; 0 where this is no warm boot of ours, or not any more: it was given up. Where
 * there is a record that cannot be read, the image is unloaded.
 */
_must_check_ int wb_late_open(struct wb_sys *sys, struct wb_record **ret);
/* Run the steps of @phase, in exitrd only when the root is unmounted, and leave the
 * results in the record in /run, for the one who waits for us. */
_must_check_ int wb_late_run(struct wb_run *run, enum wb_phase phase);
/*
 * Look at what has become of the steps of @phase, say it, and give the warm boot up
 * where it must not go on, or nobody can tell: the image is unloaded, and the record in
 * /run says why. 0 where the jump is right, -ECANCELED or another error where there is
 * none.
 */
_must_check_ int wb_late_close(struct wb_sys *sys, enum wb_phase phase);
/* Take the loaded image out of memory, and make sure of it: -EBUSY where it is still
 * there. */
_must_check_ int wb_late_unload(struct wb_sys *sys);
/* Does a shutdown initramfs with our helper in it come after this phase? */
bool wb_late_has_exitrd(const struct wb_sys *sys);
/* From the shutdown initramfs: jump. Returns an error alone. */
_must_check_ int wb_late_jump(struct wb_sys *sys);
