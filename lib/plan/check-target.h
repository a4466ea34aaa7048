/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The checks of check.c's table that ask whether the target will find its root. */

#include "plan/check.h"

_must_check_ int wb_check_initrd(const struct wb_check_input *in, struct wb_findings *f);
_must_check_ int wb_check_root(const struct wb_check_input *in, struct wb_findings *f);
_must_check_ int wb_check_modules(const struct wb_check_input *in, struct wb_findings *f);
