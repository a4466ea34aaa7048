/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* GRUB's environment block, which grub-editenv(1) writes: lines of name=value after a
 * comment, '#' up to 1024 bytes. No I/O here. */

#include "base/macro.h"

/* The value of @name in the text of a grubenv, without the backslashes that protect
 * others; NULL in @ret where it is not set. 0 or -ENOMEM; the caller's. */
_must_check_ int wb_grubenv_get(const char *text, const char *name, char **ret);
