/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* EFI variables of the Boot Loader Interface: text that systemd-boot and others leave. */

#include <stddef.h>

#include "sys/root.h"

/* The text of the variable @name ("LoaderEntryDefault"), UTF-8; NULL in @ret where it is
 * not there, cannot be read or is empty. 0 or -ENOMEM; the caller's. */
_must_check_ int wb_efivar_get(const struct wb_root *root, const char *name, char **ret);
/* The same from the bytes of a file in efivarfs: four of attributes, then UTF-16LE. */
_must_check_ int wb_efivar_decode(const void *data, size_t size, char **ret);
