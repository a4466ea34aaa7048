/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* How a device is put to rest. The words stand in hooks, in the configuration and in
 * what is shown. */

enum wb_verdict {
	WB_VERDICT_NONE,     /* nothing is said */
	WB_VERDICT_SHUTDOWN, /* what the kernel itself does at a kexec is enough */
	WB_VERDICT_UNLOAD,   /* its module goes, before the commit */
	WB_VERDICT_UNBIND,   /* its driver lets go of it, before the commit */
	WB_VERDICT_LATE,     /* unbound when every service has stopped */
	WB_VERDICT_EXITRD,   /* unbound when the root is unmounted */
	WB_VERDICT_KEEP,     /* needed until the end: root disk, console */
	WB_VERDICT_UNKNOWN,  /* nobody knows what it does after the jump */
	WB_VERDICT_BAD,      /* known not to come back */
	_WB_VERDICT_MAX,
};

const char *wb_verdict_to_string(enum wb_verdict verdict);
/* -EINVAL for a word that is none; "none" is none. */
int wb_verdict_from_string(const char *word);
