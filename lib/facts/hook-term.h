/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The words with which a hook's header names devices and conditions: warmboot-hooks(7).
 * No I/O here. */

#include <stdbool.h>

#include "base/macro.h"

enum wb_term_kind {
	WB_TERM_PCI_ADDRESS,   /* "0000:00:03.0", of Unbind alone */
	WB_TERM_PCI_CLASS,     /* the first digits of the class code */
	WB_TERM_PCI_VENDOR,    /* four digits */
	WB_TERM_BOOT_VGA,      /* four digits: the vendor of the display of the boot */
	WB_TERM_DRIVER,        /* a glob */
	WB_TERM_MODULE,        /* loaded */
	WB_TERM_MODALIAS,      /* a glob */
	WB_TERM_DMI,           /* a glob for the rest of the board's modalias */
	WB_TERM_CPUS,          /* "offline" */
	WB_TERM_SRIOV,         /* "enabled" */
	WB_TERM_KERNEL_BEFORE, /* a version, for the running kernel */
	_WB_TERM_KIND_MAX,
};

struct wb_term {
	enum wb_term_kind kind;
	bool negated;
	const char *value; /* inside the word */
};

/* One alternative of a line Match, or one word of Unbind: 0 or -EINVAL. */
_must_check_ int wb_term_parse_match(const char *word, struct wb_term *ret);
_must_check_ int wb_term_parse_unbind(const char *word, struct wb_term *ret);
