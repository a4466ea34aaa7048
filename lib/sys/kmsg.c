/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/kmsg.h"

#include "base/text.h"

/* The kernel refuses a longer record as a whole, PRINTKRB_RECORD_MAX and before it
 * LOG_LINE_MAX in kernel/printk. */
#define RECORD_BYTES_MAX 900

void wb_kmsg_sink(const struct wb_message *message, void *userdata)
{
	const struct wb_kmsg *kmsg = userdata;
	_cleanup_free_ char *line = NULL, *record = NULL;

	line = wb_format("%s: %.*s\n", kmsg->prefix, RECORD_BYTES_MAX, message->text);
	record = line ? wb_format("<%d>%s", message->level, line) : NULL;
	if (!record)
		return;
	/* Nobody is left to be told where these fail. */
	(void)!wb_root_write(kmsg->root, "dev/kmsg", record);
	/* Memory that survives a restart, where the machine has some
	 * (CONFIG_PSTORE_PMSG): the next boot finds it in /sys/fs/pstore. */
	(void)!wb_root_write(kmsg->root, "dev/pmsg0", line);
}
