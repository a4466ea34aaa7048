/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Does an image bear a signature, and whose? Whether it is good is the kernel's to say,
 * when it loads it; the names are for people.
 */

#include <stdint.h>

#include "sys/root.h"

struct wb_signature {
	bool looked; /* the next two are known */
	bool present;
	char **names; /* common names in its certificates, each once */
};

/*
 * Of the image in the file @path, from byte @offset on: a Portable Executable with an
 * attribute certificate table, or a file with a module's signature behind it, as s390x
 * and ppc64le have it. What cannot be read was not looked at; 0 or -ENOMEM.
 */
_must_check_ int wb_signature_read(const struct wb_root *root, const char *path,
				   uint64_t offset, struct wb_signature *ret);
void wb_signature_done(struct wb_signature *signature);
