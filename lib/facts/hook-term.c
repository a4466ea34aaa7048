/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/hook-term.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "facts/pci-address.h"

static bool is_hex(const char *s, size_t min, size_t max)
{
	size_t n = strspn(s, "0123456789abcdefABCDEF");

	return s[n] == '\0' && n >= min && n <= max;
}

static bool is_class(const char *s)
{
	return is_hex(s, 2, 6);
}

static bool is_vendor(const char *s)
{
	return is_hex(s, 4, 4);
}

/* A name in sysfs, or a pattern for such. */
static bool is_name(const char *s)
{
	return *s && !strchr(s, '/');
}

static bool is_module(const char *s)
{
	for (const char *c = s; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '_' && *c != '-')
			return false;
	return *s;
}

static bool is_glob(const char *s)
{
	return *s;
}

static bool is_offline(const char *s)
{
	return strcmp(s, "offline") == 0;
}

static bool is_enabled(const char *s)
{
	return strcmp(s, "enabled") == 0;
}

static bool is_version(const char *s)
{
	return isdigit((unsigned char)*s) && strchr(s, '.');
}

/* In small letters, as sysfs spells it. */
static bool is_address(const char *s)
{
	return wb_is_pci_address(s, strlen(s)) && !strpbrk(s, "ABCDEF");
}

struct form {
	const char *prefix;
	bool (*check)(const char *value);
	enum wb_term_kind kind;
};

static const struct form match_forms[] = {
	{ "pci-class:", is_class, WB_TERM_PCI_CLASS },
	{ "pci-vendor:", is_vendor, WB_TERM_PCI_VENDOR },
	{ "boot-vga:", is_vendor, WB_TERM_BOOT_VGA },
	{ "driver:", is_name, WB_TERM_DRIVER },
	{ "module:", is_module, WB_TERM_MODULE },
	{ "modalias:", is_glob, WB_TERM_MODALIAS },
	{ "dmi:", is_glob, WB_TERM_DMI },
	{ "cpus:", is_offline, WB_TERM_CPUS },
	{ "sriov:", is_enabled, WB_TERM_SRIOV },
	{ "kernel-before:", is_version, WB_TERM_KERNEL_BEFORE },
};

static const struct form unbind_forms[] = {
	{ "class:", is_class, WB_TERM_PCI_CLASS },
	{ "driver:", is_name, WB_TERM_DRIVER },
	{ "", is_address, WB_TERM_PCI_ADDRESS },
};

static int parse(const char *word, const struct form *forms, size_t n,
		 struct wb_term *ret)
{
	for (size_t i = 0; i < n; i++) {
		const char *value = wb_startswith(word, forms[i].prefix);

		if (!value)
			continue;
		if (!forms[i].check(value))
			return -EINVAL;
		ret->kind = forms[i].kind;
		ret->value = value;
		return 0;
	}
	return -EINVAL;
}

int wb_term_parse_match(const char *word, struct wb_term *ret)
{
	ret->negated = *word == '!';
	return parse(word + ret->negated, match_forms, ARRAY_SIZE(match_forms), ret);
}

int wb_term_parse_unbind(const char *word, struct wb_term *ret)
{
	ret->negated = false;
	return parse(word, unbind_forms, ARRAY_SIZE(unbind_forms), ret);
}
