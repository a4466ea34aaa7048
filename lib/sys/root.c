/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/strv.h"
#include "base/text.h"

/* No attribute, table or log that is read here comes near it; a runaway file does. */
#define READ_MAX ((size_t)16 << 20)
/* More than a machine full of renames has been seen to need; a file that is itself
 * EAGAIN must not hold us for ever. */
#define OPEN_TRIES 1000

static const char *relative(const char *path)
{
	while (*path == '/')
		path++;
	return *path ? path : ".";
}

int wb_root_open(struct wb_root *ret, const char *path)
{
	_cleanup_close_ int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st, slash;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || stat("/", &slash) < 0)
		return -errno;
	*ret = (struct wb_root){
		.live = st.st_dev == slash.st_dev && st.st_ino == slash.st_ino,
		.owner = st.st_uid,
		.fd = TAKE_FD(fd),
	};
	return 0;
}

void wb_root_close(struct wb_root *root)
{
	if (root->fd >= 0)
		close(root->fd);
	root->fd = -1;
}

static int openat_mode(const struct wb_root *root, const char *path, int flags,
		       mode_t mode)
{
	struct open_how how = {
		.flags = (unsigned int)(flags | O_CLOEXEC),
		.mode = mode,
		.resolve = RESOLVE_IN_ROOT,
	};
	long fd = -1;

	/* A rename anywhere on the machine while ".." is followed: openat2(2). */
	for (int i = 0; i < OPEN_TRIES; i++) {
		fd = syscall(SYS_openat2, root->fd, relative(path), &how, sizeof(how));
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return fd < 0 ? -errno : (int)fd;
}

int wb_root_openat(const struct wb_root *root, const char *path, int flags)
{
	return openat_mode(root, path, flags, 0);
}

int wb_root_open_file(const struct wb_root *root, const char *path)
{
	_cleanup_close_ int place = wb_root_openat(root, path, O_PATH);
	char own[sizeof("/proc/self/fd/") + 3 * sizeof(int)];
	struct stat st;
	int fd;

	if (place < 0)
		return place;
	if (fstat(place, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	/* That very file, whatever its name leads to by now. */
	snprintf(own, sizeof(own), "/proc/self/fd/%d", place);
	fd = open(own, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Files in /proc and /sys say nothing true of their size, so read until the end. */
static int read_all(int fd, char **ret, size_t *ret_size)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0, space = 0;

	for (;;) {
		ssize_t n;

		if (size + 1 >= space) {
			char *grown;

			space = space ? 2 * space : 4096;
			if (space > READ_MAX)
				return -EFBIG;
			grown = realloc(text, space);
			if (!grown)
				return -ENOMEM;
			text = grown;
		}
		n = read(fd, text + size, space - size - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		size += (size_t)n;
	}
	text[size] = '\0';
	*ret = TAKE_PTR(text);
	if (ret_size)
		*ret_size = size;
	return 0;
}

int wb_root_read(const struct wb_root *root, const char *path, char **ret,
		 size_t *ret_size)
{
	/* A FIFO that stands there would wait for a writer. */
	_cleanup_close_ int fd = wb_root_openat(root, path, O_RDONLY | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	return read_all(fd, ret, ret_size);
}

int wb_root_read_line(const struct wb_root *root, const char *path, char **ret)
{
	char *text;
	int r = wb_root_read(root, path, &text, /* ret_size= */ NULL);

	if (r < 0)
		return r;
	*ret = wb_strip_end(text);
	return 0;
}

int wb_root_write(const struct wb_root *root, const char *path, const char *text)
{
	_cleanup_close_ int fd = wb_root_openat(root, path, O_WRONLY);

	if (fd < 0)
		return fd;
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

/* The folder that a path is in, resolved inside the root. */
static int open_folder_of(const struct wb_root *root, const char *path)
{
	_cleanup_free_ char *folder = strdup(relative(path));
	char *slash;

	if (!folder)
		return -ENOMEM;
	slash = strrchr(folder, '/');
	if (slash)
		*slash = '\0';
	return wb_root_openat(root, slash ? folder : ".", O_DIRECTORY | O_RDONLY);
}

int wb_root_make_folder(const struct wb_root *root, const char *path)
{
	_cleanup_close_ int parent = open_folder_of(root, path);

	if (parent < 0)
		return parent;
	/* Readable by all, as /proc/cmdline is. */
	if (mkdirat(parent, wb_basename(path), 0755) < 0 && errno != EEXIST)
		return -errno;
	return 0;
}

/* Folders of our own are one level deep. */
static int open_parent(const struct wb_root *root, const char *path, int *ret_fd)
{
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *folder = NULL;
	int fd = open_folder_of(root, path), r;

	if (fd == -ENOENT && slash) {
		folder = strndup(path, (size_t)(slash - path));
		r = folder ? wb_root_make_folder(root, folder) : -ENOMEM;
		if (r < 0)
			return r;
		fd = open_folder_of(root, path);
	}
	if (fd < 0)
		return fd;
	*ret_fd = fd;
	return 0;
}

static int write_synced(int folder, const char *name, const char *text)
{
	_cleanup_close_ int fd = -1;
	size_t size = strlen(text);

	fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		    0644);
	if (fd < 0)
		return -errno;
	while (size > 0) {
		ssize_t n = write(fd, text, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		size -= (size_t)n;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

int wb_root_replace(const struct wb_root *root, const char *path, const char *text)
{
	_cleanup_close_ int folder = -1;
	_cleanup_free_ char *draft = NULL;
	const char *name = wb_basename(path);
	int r;

	draft = wb_format(".%s.new", name);
	if (!draft)
		return -ENOMEM;
	r = open_parent(root, path, &folder);
	if (r < 0)
		return r;
	r = write_synced(folder, draft, text);
	if (r >= 0 && renameat(folder, draft, folder, name) < 0)
		r = -errno;
	if (r < 0) {
		unlinkat(folder, draft, 0);
		return r;
	}
	/* The new name itself is safe only when its folder is on disk. */
	return fsync(folder) < 0 ? -errno : 0;
}

int wb_root_remove(const struct wb_root *root, const char *path)
{
	_cleanup_close_ int folder = open_folder_of(root, path);

	if (folder < 0)
		return folder;
	return unlinkat(folder, wb_basename(path), 0) < 0 ? -errno : 0;
}

int wb_root_list(const struct wb_root *root, const char *path, char ***ret)
{
	_cleanup_strv_ char **names = NULL;
	struct dirent *entry;
	DIR *dir;
	int fd, r = 0;

	fd = wb_root_openat(root, path, O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -errno;
	}
	while (r == 0 && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			r = wb_strv_append(&names, entry->d_name);
	closedir(dir);
	if (r < 0)
		return r;
	wb_strv_sort(names);
	*ret = TAKE_PTR(names);
	return 0;
}

int wb_root_readlink(const struct wb_root *root, const char *path, char **ret)
{
	_cleanup_close_ int fd = wb_root_openat(root, path, O_PATH | O_NOFOLLOW);
	char target[4096];
	ssize_t n;

	if (fd < 0)
		return fd;
	n = readlinkat(fd, "", target, sizeof(target) - 1);
	if (n < 0)
		/* An empty path of a descriptor that is no link gives ENOENT. */
		return errno == ENOENT ? -EINVAL : -errno;
	target[n] = '\0';
	*ret = strdup(target);
	return *ret ? 0 : -ENOMEM;
}

int wb_root_link_name(const struct wb_root *root, const char *path, char **ret)
{
	_cleanup_free_ char *target = NULL;
	int r = wb_root_readlink(root, path, &target);

	if (r < 0)
		return r;
	*ret = strdup(wb_basename(target));
	return *ret ? 0 : -ENOMEM;
}

int wb_root_stat(const struct wb_root *root, const char *path, struct stat *ret)
{
	_cleanup_close_ int fd = -1;

	/* openat2 refuses magic links such as /proc/1/fd/3 below any root. */
	if (root->live)
		return fstatat(root->fd, relative(path), ret, 0) < 0 ? -errno : 0;
	fd = wb_root_openat(root, path, O_PATH);
	if (fd < 0)
		return fd;
	return fstat(fd, ret) < 0 ? -errno : 0;
}

bool wb_root_exists(const struct wb_root *root, const char *path)
{
	_cleanup_close_ int fd = wb_root_openat(root, path, O_PATH);

	return fd >= 0;
}
