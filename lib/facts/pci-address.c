/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/pci-address.h"

#include <ctype.h>
#include <string.h>

#define DOMAIN_DIGITS_MIN 4
#define DOMAIN_DIGITS_MAX 8

/* In @form 'x' is any hexadecimal digit, 'o' an octal one, and all else itself. */
static bool has_form(const char *s, const char *form)
{
	for (size_t i = 0; form[i]; i++)
		if (form[i] == 'x'   ? !isxdigit((unsigned char)s[i])
		    : form[i] == 'o' ? s[i] < '0' || s[i] > '7'
				     : s[i] != form[i])
			return false;
	return true;
}

bool wb_is_short_pci_address(const char *s, size_t n)
{
	static const char form[] = "xx:xx.o";

	return n == strlen(form) && has_form(s, form);
}

bool wb_is_pci_address(const char *s, size_t n)
{
	size_t domain = 0;

	while (domain < n && isxdigit((unsigned char)s[domain]))
		domain++;
	return domain >= DOMAIN_DIGITS_MIN && domain <= DOMAIN_DIGITS_MAX && domain < n &&
	       s[domain] == ':' &&
	       wb_is_short_pci_address(s + domain + 1, n - domain - 1);
}
