/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proof/arrival.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "facts/state.h"

static const struct {
	const char *key;
	size_t offset;
} members[] = {
	{ "reached_boottime_usec=", offsetof(struct wb_arrival, reached_boottime_usec) },
	{ "reached_realtime_usec=", offsetof(struct wb_arrival, reached_realtime_usec) },
	{ "left_boottime_usec=", offsetof(struct wb_arrival, left_boottime_usec) },
	{ "left_realtime_usec=", offsetof(struct wb_arrival, left_realtime_usec) },
};

static int read_line(const char *line, struct wb_arrival *stamp)
{
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		const char *value = wb_startswith(line, members[i].key);

		if (value)
			return wb_parse_u64(value, 10,
					    (uint64_t *)((char *)stamp +
							 members[i].offset));
	}
	/* Of a later version. */
	return 0;
}

int wb_arrival_read(const struct wb_root *root, struct wb_arrival *ret)
{
	struct wb_arrival stamp = { 0 };
	_cleanup_free_ char *text = NULL;
	char *rest, *line;
	int r = wb_root_read(root, WB_STAMP_PATH, &text, NULL);

	rest = text;
	while (r >= 0 && (line = strsep(&rest, "\n")))
		r = read_line(line, &stamp);
	if (r < 0)
		return r;
	*ret = stamp;
	return 0;
}

int wb_arrival_write(const struct wb_root *root, const struct wb_arrival *stamp)
{
	_cleanup_free_ char *text = strdup("");

	for (size_t i = 0; text && i < ARRAY_SIZE(members); i++)
		if (wb_set_format(&text, "%s%s%" PRIu64 "\n", text, members[i].key,
				  *(const uint64_t *)((const char *)stamp +
						      members[i].offset)) < 0)
			return -ENOMEM;
	return text ? wb_root_replace(root, WB_STAMP_PATH, text) : -ENOMEM;
}

/* The clock may be set in between: what is counted from the kernel's beginning fits to
 * systemd's times, which are counted from there as well. */
static uint64_t place(uint64_t kernel_usec, uint64_t boottime_usec,
		      uint64_t realtime_usec)
{
	return kernel_usec > 0 && boottime_usec > 0 ? kernel_usec + boottime_usec
						    : realtime_usec;
}

void wb_arrival_apply(const struct wb_arrival *stamp,
		      struct wb_confirmation *confirmation)
{
	uint64_t kernel_usec = confirmation->kernel_usec;

	confirmation->initramfs_usec = place(kernel_usec, stamp->reached_boottime_usec,
					     stamp->reached_realtime_usec);
	confirmation->switch_root_usec =
		place(kernel_usec, stamp->left_boottime_usec, stamp->left_realtime_usec);
}
