/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fixture.h"

#include <fcntl.h>
#include <ftw.h>
#include <string.h>

#include "base/text.h"
#include "unit.h"

void fixture_init(struct fixture *f)
{
	strcpy(f->path, "/tmp/warmboot-unit-XXXXXX");
	assert_non_null(mkdtemp(f->path));
	assert_int_equal(wb_root_open(&f->root, f->path), 0);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

void fixture_done(struct fixture *f)
{
	wb_root_close(&f->root);
	assert_int_equal(nftw(f->path, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

char *fixture_outside(const struct fixture *f, const char *path)
{
	char *full = wb_format("%s/%s", f->path, path);

	assert_non_null(full);
	return full;
}

static void make_folders(char *path, size_t from)
{
	for (char *p = path + from; (p = strchr(p, '/')); p++) {
		*p = '\0';
		(void)mkdir(path, 0755);
		*p = '/';
	}
}

/* The full path, with its folders made. */
static char *prepare(struct fixture *f, const char *path)
{
	char *full = fixture_outside(f, path);

	make_folders(full, strlen(f->path) + 1);
	return full;
}

void fixture_folder(struct fixture *f, const char *path)
{
	_cleanup_free_ char *full = prepare(f, path);

	(void)mkdir(full, 0755);
	assert_int_equal(access(full, F_OK), 0);
}

void fixture_bytes(struct fixture *f, const char *path, const void *data, size_t size)
{
	_cleanup_free_ char *full = prepare(f, path);
	int fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), size);
	/* Whatever the umask is: others may not write. */
	assert_int_equal(fchmod(fd, 0644), 0);
	close(fd);
}

void fixture_file(struct fixture *f, const char *path, const char *text)
{
	fixture_bytes(f, path, text, strlen(text));
}

void fixture_link(struct fixture *f, const char *path, const char *target)
{
	_cleanup_free_ char *full = prepare(f, path);

	assert_int_equal(symlink(target, full), 0);
}

void fixture_mode(struct fixture *f, const char *path, unsigned int mode)
{
	_cleanup_free_ char *full = fixture_outside(f, path);

	assert_int_equal(chmod(full, (mode_t)mode), 0);
}

void fixture_remove(struct fixture *f, const char *path)
{
	_cleanup_free_ char *full = fixture_outside(f, path);

	assert_int_equal(nftw(full, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}
