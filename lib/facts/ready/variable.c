/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/ready/variable.h"

#include <errno.h>

#include "base/text.h"
#include "facts/bls/efivar.h"

/* efivarfs puts four bytes of attributes before each. In a load option (UEFI 2.10, 3.1.3)
 * the description follows its attributes, four bytes, and a length of two. */
#define ATTRIBUTES       4
#define DESCRIPTION_SKIP 6

static int read_variable(const struct wb_root *root, const char *name, const char *guid,
			 char **ret, size_t *ret_size)
{
	_cleanup_free_ char *path = NULL;

	path = wb_format("sys/firmware/efi/efivars/%s-%s", name, guid);
	return path ? wb_root_read(root, path, ret, ret_size) : -ENOMEM;
}

bool wb_efi_number(const struct wb_root *root, const char *name, const char *guid,
		   uint64_t *ret)
{
	_cleanup_free_ char *data = NULL;
	size_t size = 0;

	if (read_variable(root, name, guid, &data, &size) < 0 || size <= ATTRIBUTES ||
	    size > ATTRIBUTES + sizeof(*ret))
		return false;
	*ret = 0;
	for (size_t i = size; i > ATTRIBUTES; i--)
		*ret = *ret << 8 | (unsigned char)data[i - 1];
	return true;
}

int wb_efi_entry_title(const struct wb_root *root, unsigned int number, char **ret)
{
	_cleanup_free_ char *name = wb_format("Boot%04X", number), *data = NULL;
	size_t size = 0;
	int r = name ? read_variable(root, name, WB_EFI_GLOBAL, &data, &size) : -ENOMEM;

	*ret = NULL;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	/* The reader of text passes over four bytes of its own. */
	return size < DESCRIPTION_SKIP + ATTRIBUTES
		       ? 0
		       : wb_efivar_decode(data + DESCRIPTION_SKIP,
					  size - DESCRIPTION_SKIP, ret);
}
