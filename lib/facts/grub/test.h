/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* "[ ... ]" of GRUB's shell, of which parts may not be known. No I/O here. */

#include "facts/grub/env.h"
#include "facts/grub/script.h"

enum wb_grub_truth {
	WB_GRUB_FALSE,
	WB_GRUB_TRUE,
	WB_GRUB_UNKNOWN,
};

struct wb_grub_exec;

enum wb_grub_truth wb_grub_not(enum wb_grub_truth a);
/* @args: what stands between the brackets. 0 or -ENOMEM. */
_must_check_ int wb_grub_test(const struct wb_grub_exec *x,
			      const struct wb_grub_arg *args, size_t n,
			      enum wb_grub_truth *ret);
