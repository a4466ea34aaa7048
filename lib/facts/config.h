/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The standing choices of this machine: warmboot.conf(5). What is not understood is a
 * finding, and the rest counts.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/finding.h"
#include "sys/root.h"

/* Something that is set once, and where: "Kernel= in /etc/warmboot.conf". Both
 * NULL where it is not. */
struct wb_setting {
	char *text;
	char *origin;
};

struct wb_config {
	struct wb_setting kernel;
	struct wb_setting initrd;
	struct wb_setting dtb;
	struct wb_setting target;
	char **append; /* each one or more words for the command line */
	char **remove; /* each a key or a whole word */
	char **unload;
	char **keep;
	char **verdicts; /* in pairs: a glob of drivers, or a PCI address as sysfs writes
			  * it, and the verdict's word; of several that fit an
			  * address goes before a driver, and the last counts */
	uint64_t isolate_timeout_usec; /* 0: not set, as the following */
	uint64_t unit_timeout_usec;
	uint64_t module_timeout_usec;
	bool no_isolate;
	bool kill;
	bool reboot; /* Fallback=reboot */
	struct wb_findings findings;
};

/* Read warmboot.conf and warmboot.conf.d. No file is no error: then nothing is set.
 * wb_config_done() frees @ret. */
_must_check_ int wb_config_read(const struct wb_root *root, struct wb_config *ret);
/* Add what @text says, which stands in @path. No I/O here. */
_must_check_ int wb_config_parse(struct wb_config *config, const char *path,
				 const char *text, size_t size);
void wb_config_done(struct wb_config *config);
