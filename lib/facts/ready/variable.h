/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* EFI variables that are numbers, and those of boot entries. */

#include <stdint.h>

#include "sys/root.h"

/* UEFI 2.10, 3.3: globally defined variables; and shim's. */
#define WB_EFI_GLOBAL "8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define WB_EFI_SHIM   "605dab50-e046-4300-abb6-3dd810dd8b23"

/* The number of at most eight bytes in the variable "NAME-GUID"; false where it is not
 * there, cannot be read, or is none. */
bool wb_efi_number(const struct wb_root *root, const char *name, const char *guid,
		   uint64_t *ret);
/* What "Boot0003" is called in the firmware's menu; NULL in @ret where it is not there.
 * 0 or -ENOMEM; the caller's. */
_must_check_ int wb_efi_entry_title(const struct wb_root *root, unsigned int number,
				    char **ret);
