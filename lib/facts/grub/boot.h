/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The commands that make menus and start kernels. No I/O here. */

#include "facts/grub/exec.h"

const struct wb_grub_command *wb_grub_boot_command_find(const char *name);
/* The first sentence stays. 0 or -ENOMEM. */
_must_check_ int wb_grub_entry_problem(struct wb_grub_entry *entry, const char *format,
				       const char *word);
