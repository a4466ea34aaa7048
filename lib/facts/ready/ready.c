/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/ready/ready.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/ready/ready-part.h"

int wb_ready_value(const char *text, const char *key, char **ret)
{
	size_t n = strlen(key);

	*ret = NULL;
	while (text) {
		const char *end = text + strcspn(text, "\n");

		if (strncmp(text, key, n) == 0 && text[n] == '=' && text + n + 1 < end) {
			*ret = strndup(text + n + 1, (size_t)(end - text) - n - 1);
			return *ret ? 0 : -ENOMEM;
		}
		text = *end ? end + 1 : NULL;
	}
	return 0;
}

bool wb_ready_number(const struct wb_root *root, const char *path, uint64_t *ret)
{
	_cleanup_free_ char *text = NULL;

	return wb_root_read_line(root, path, &text) >= 0 &&
	       wb_parse_u64(text, 10, ret) >= 0;
}

int wb_ready_read(const struct wb_root *root, struct wb_ready *ret)
{
	static int (*const readers[])(const struct wb_root *, struct wb_ready *) = {
		wb_ready_trust,     wb_ready_memory, wb_ready_login,
		wb_ready_processes, wb_ready_locks,  wb_ready_firmware,
		wb_ready_disks,     wb_ready_past,   wb_ready_hypervisor,
	};
	struct wb_ready ready = { .trust.secure_boot = -1 };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(readers); i++)
		r = readers[i](root, &ready);
	if (r < 0) {
		wb_ready_done(&ready);
		return r;
	}
	*ret = ready;
	return 0;
}

void wb_ready_done(struct wb_ready *ready)
{
	free(ready->trust.lockdown);
	wb_strv_free(ready->trust.keys);
	for (size_t i = 0; i < ready->n_inhibitors; i++) {
		free(ready->inhibitors[i].who);
		free(ready->inhibitors[i].why);
	}
	free(ready->inhibitors);
	wb_strv_free(ready->sessions);
	wb_strv_free(ready->guests);
	wb_strv_free(ready->containers);
	wb_strv_free(ready->installing);
	wb_strv_free(ready->firmware);
	wb_strv_free(ready->dead_mounts);
	wb_strv_free(ready->arrays);
	wb_strv_free(ready->tpm_volumes);
	free(ready->hypervisor);
	*ready = (struct wb_ready){ 0 };
}
