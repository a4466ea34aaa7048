/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <string.h>

#include "fuzz.h"

static struct wb_root root = { .fd = -1 };
static char folder[] = "/tmp/warmboot-fuzz-XXXXXX";

char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	CHECK(text);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

static void clean_up(void)
{
	(void)unlinkat(root.fd, "input", 0);
	wb_root_close(&root);
	(void)rmdir(folder);
}

const struct wb_root *fuzz_file(const uint8_t *data, size_t size)
{
	int fd;

	if (root.fd < 0) {
		CHECK(mkdtemp(folder));
		CHECK(wb_root_open(&root, folder) == 0);
		atexit(clean_up);
	}
	fd = openat(root.fd, "input", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	CHECK(fd >= 0);
	CHECK(write(fd, data, size) == (ssize_t)size);
	close(fd);
	return &root;
}
