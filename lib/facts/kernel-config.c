/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/kernel-config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/text.h"
#include "sys/unpack/unpack.h"

/* CONFIG_IKCONFIG_PROC. Unpacked, one has about 300 KiB. */
#define OF_THE_RUNNING "proc/config.gz"
#define PACKED_MAX     (4U << 20)
#define UNPACKED_MAX   (16U << 20)

static int keep(void *userdata, const void *data, size_t size)
{
	FILE *f = userdata;

	if (ftell(f) + (long)size > (long)UNPACKED_MAX)
		return -EFBIG;
	return fwrite(data, 1, size, f) == size ? 0 : -ENOMEM;
}

/* A file in /proc has no size: it is read to its end. */
static int unpack(int fd, char **ret)
{
	struct wb_source source = wb_source_of(fd, 0, PACKED_MAX);
	const char *why = NULL;
	size_t size;
	FILE *f = open_memstream(ret, &size);
	int r = f ? wb_unpack(&source, keep, f, &why) : -ENOMEM;

	wb_source_done(&source);
	if (f && fclose(f) != 0 && r >= 0)
		r = -ENOMEM;
	if (r < 0) {
		free(*ret);
		*ret = NULL;
	}
	return r;
}

static int read_packed(const struct wb_root *root, char **ret)
{
	_cleanup_close_ int fd = wb_root_open_file(root, OF_THE_RUNNING);
	int r = fd < 0 ? fd : unpack(fd, ret);

	return r == -ENOMEM ? r : 0;
}

int wb_kernel_config_read(const struct wb_root *root, const char *release, bool running,
			  char **ret)
{
	static const char *const places[][2] = {
		{ "boot/config-", "" },
		{ "usr/lib/modules/", "/config" },
		{ "lib/modules/", "/config" },
	};

	*ret = NULL;
	for (size_t i = 0; release && !strchr(release, '/') && i < ARRAY_SIZE(places);
	     i++) {
		_cleanup_free_ char *path =
			wb_format("%s%s%s", places[i][0], release, places[i][1]);
		int r = path ? wb_root_read(root, path, ret, NULL) : -ENOMEM;

		if (r >= 0 || r == -ENOMEM)
			return r;
	}
	return running ? read_packed(root, ret) : 0;
}

/* @option with @end behind it, in a line that begins with @begin and it. */
static bool has_line(const char *config, const char *begin, const char *option,
		     const char *end)
{
	size_t n_begin = strlen(begin), n = strlen(option);

	for (const char *at = config; (at = strstr(at, option)); at += n) {
		const char *line = at - n_begin;

		if (line >= config && strncmp(line, begin, n_begin) == 0 &&
		    (line == config || line[-1] == '\n') && wb_startswith(at + n, end))
			return true;
	}
	return false;
}

bool wb_kernel_config_has(const char *config, const char *option)
{
	return has_line(config, "", option, "=y");
}

bool wb_kernel_config_lacks(const char *config, const char *option)
{
	return has_line(config, "# ", option, " is not set");
}
