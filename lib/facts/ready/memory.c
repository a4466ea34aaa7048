/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Limits of loading, memory for it, and what has gone wrong with memory. */

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/ready/ready-part.h"

#define EDAC "sys/devices/system/edac/mc"

/* Documentation/admin-guide/sysctl/kernel.rst: -1 is no limit, and so is no file. */
static void read_limit(const struct wb_root *root, struct wb_ready *ready)
{
	ready->load_limited =
		wb_ready_number(root, "proc/sys/kernel/kexec_load_limit_reboot",
				&ready->loads_left);
}

/* Documentation/filesystems/proc.rst: "MemAvailable:   123456 kB". */
static int read_available(const struct wb_root *root, struct wb_ready *ready)
{
	_cleanup_free_ char *text = NULL;
	int r = wb_root_read(root, "proc/meminfo", &text, NULL);
	const char *at = r >= 0 ? strstr(text, "MemAvailable:") : NULL;
	_cleanup_free_ char *number = NULL;
	uint64_t kib;

	if (!at)
		return r == -ENOMEM ? r : 0;
	at += strlen("MemAvailable:");
	at += strspn(at, " ");
	number = strndup(at, strcspn(at, " \n"));
	if (!number)
		return -ENOMEM;
	if (wb_parse_u64(number, 10, &kib) >= 0 && kib <= UINT64_MAX / 1024)
		ready->memory_available = kib * 1024;
	return 0;
}

static int add_count(const struct wb_root *root, const char *controller, const char *name,
		     uint64_t *sum)
{
	_cleanup_free_ char *path = wb_format(EDAC "/%s/%s", controller, name);
	uint64_t n;

	if (!path)
		return -ENOMEM;
	if (wb_ready_number(root, path, &n))
		*sum = n > UINT64_MAX - *sum ? UINT64_MAX : *sum + n;
	return 0;
}

/* Documentation/ABI/testing/sysfs-devices-edac */
static int read_errors(const struct wb_root *root, struct wb_ready *ready)
{
	_cleanup_strv_ char **names = NULL;
	int r = wb_root_list(root, EDAC, &names);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **p = names; r >= 0 && p && *p; p++) {
		if (!wb_startswith(*p, "mc"))
			continue;
		r = add_count(root, *p, "ce_count", &ready->corrected);
		if (r >= 0)
			r = add_count(root, *p, "ue_count", &ready->uncorrected);
	}
	return r;
}

int wb_ready_memory(const struct wb_root *root, struct wb_ready *ready)
{
	int r = read_available(root, ready);

	read_limit(root, ready);
	if (!wb_ready_number(root, "proc/sys/kernel/tainted", &ready->taint))
		ready->taint = 0;
	return r < 0 ? r : read_errors(root, ready);
}
