/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/count.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"

/* More than any kernel has (CONFIG_NR_CPUS); what claims more is damaged. */
#define NUMBER_MAX 1000000

/* "3" or "0-7": how many; 0 for what is neither. */
static unsigned int count_range(char *range)
{
	char *last = range, *first = strsep(&last, "-");
	uint64_t from, to;

	if (wb_parse_u64(first, 10, &from) < 0 || from > NUMBER_MAX)
		return 0;
	if (!last)
		return 1;
	if (wb_parse_u64(last, 10, &to) < 0 || to > NUMBER_MAX || to < from)
		return 0;
	return (unsigned int)(to - from + 1);
}

/* Documentation/admin-guide/cputopology.rst: "0-3,8". */
static int count_list(const struct wb_root *root, const char *path, unsigned int *ret)
{
	_cleanup_free_ char *text = NULL;
	char *rest, *range;
	int r = wb_root_read_line(root, path, &text);

	*ret = 0;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	rest = text;
	while ((range = strsep(&rest, ",")))
		*ret += count_range(range);
	return 0;
}

int wb_count_cpus_offline(const struct wb_root *root, unsigned int *ret)
{
	unsigned int present, online = 0;
	int r = count_list(root, "sys/devices/system/cpu/present", &present);

	if (r >= 0)
		r = count_list(root, "sys/devices/system/cpu/online", &online);
	*ret = online > 0 && present > online ? present - online : 0;
	return r;
}

int wb_count_virtual_functions(const struct wb_root *root, unsigned int *ret)
{
	_cleanup_strv_ char **names = NULL;
	int r = wb_root_list(root, "sys/bus/pci/devices", &names);

	*ret = 0;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **name = names; name && *name; name++) {
		_cleanup_free_ char *text = NULL, *path = NULL;
		uint64_t n;

		path = wb_format("sys/bus/pci/devices/%s/sriov_numvfs", *name);
		if (!path)
			return -ENOMEM;
		r = wb_root_read_line(root, path, &text);
		if (r == -ENOMEM)
			return r;
		if (r >= 0 && wb_parse_u64(text, 10, &n) >= 0 && n <= NUMBER_MAX)
			*ret += (unsigned int)n;
	}
	return 0;
}
