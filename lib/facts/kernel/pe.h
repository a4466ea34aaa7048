/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Portable Executables, the format of EFI programs: which machine, and which sections
 * (https://learn.microsoft.com/windows/win32/debug/pe-format). No I/O here. The profiles
 * are those of unified kernel images
 * (https://uapi-group.org/specifications/specs/unified_kernel_image/): sections before
 * the first ".profile" belong to all, each ".profile" begins one of its own.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"

struct wb_pe_section {
	char name[9];
	uint64_t offset;
	uint64_t size; /* of what is in the file, without the padding behind it */
	uint64_t virtual_size;
};

struct wb_pe {
	uint16_t machine;
	struct wb_pe_section *sections;
	size_t n;
};

/* Does the file that begins with @data say that it is one? */
bool wb_pe_is(const void *data, size_t size);
/*
 * @data is the beginning of a file of @file_size bytes. 0 and the caller's @ret, all of
 * whose sections are inside the file and apart from each other; -EBADMSG and what is
 * wrong in @ret_why, a sentence of the caller's; -ENOMEM.
 */
_must_check_ int wb_pe_parse(const void *data, size_t size, uint64_t file_size,
			     struct wb_pe *ret, char **ret_why);
void wb_pe_done(struct wb_pe *pe);

/* The word of uname(1); "another architecture" where it is none that one meets. */
const char *wb_pe_machine(const struct wb_pe *pe);
/* The section that @profile has of this name, else the one for all; the first of several.
 * NULL where there is none, or nothing is in it. */
const struct wb_pe_section *wb_pe_find(const struct wb_pe *pe, unsigned int profile,
				       const char *name);
/* How many profiles; 1 where it speaks of none. */
unsigned int wb_pe_profiles(const struct wb_pe *pe);
