/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/open-scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"

#define BUFFER_SIZE ((size_t)64 << 10)

/* A file that is mapped, as /proc/PID/maps names it. */
struct file {
	unsigned long long device, inode;
};

/* One process. */
struct look {
	struct wb_open_scan *scan;
	wb_open_found found;
	void *userdata;
};

static bool is_wanted(const struct wb_open_scan *scan, const struct wb_node *node)
{
	for (size_t i = 0; i < scan->n_nodes; i++)
		if (wb_node_matches(&scan->nodes[i], node))
			return true;
	return false;
}

/* --- a folder that is a machine --------------------------------------------------- */

/* Its links are plain ones, and are resolved inside it. */
static int look_at_links(struct look *look, pid_t pid, const char *folder)
{
	const struct wb_root *root = look->scan->root;
	_cleanup_free_ char *base = wb_format("proc/%d/%s", pid, folder);
	_cleanup_strv_ char **names = NULL;
	int r = base ? wb_root_list(root, base, &names) : -ENOMEM;

	for (char **name = names; r >= 0 && name && *name; name++) {
		_cleanup_free_ char *link = wb_format("%s/%s", base, *name);
		_cleanup_free_ char *path = NULL;
		struct wb_node node;

		if (!link)
			return -ENOMEM;
		if (wb_root_node(root, link, &node) < 0 || !is_wanted(look->scan, &node))
			continue;
		r = wb_root_readlink(root, link, &path);
		if (r >= 0)
			r = look->found(&node, path, look->userdata);
	}
	return r;
}

/* --- the machine that runs us ----------------------------------------------------- */

/*
 * Links of /proc/PID/fd and map_files lead to the open files themselves, below no root,
 * and openat2(2) follows none of them; statx(2) does. It asks no server: a file on a
 * network file system that is gone would hold us for ever.
 */
static int look_at(struct look *look, int folder, const char *name)
{
	struct wb_node node;
	struct statx st;
	char path[4096];
	ssize_t n;

	if (statx(folder, name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE, &st) <
	    0)
		return 0;
	if (!S_ISCHR(st.stx_mode) && !S_ISBLK(st.stx_mode))
		return 0;
	node = (struct wb_node){
		.block = S_ISBLK(st.stx_mode),
		.major = st.stx_rdev_major,
		.minor = st.stx_rdev_minor,
	};
	if (!is_wanted(look->scan, &node))
		return 0;
	n = readlinkat(folder, name, path, sizeof(path) - 1);
	if (n < 0)
		return 0;
	path[n] = '\0';
	return look->found(&node, path, look->userdata);
}

static int look_at_files(struct look *look, pid_t pid)
{
	_cleanup_free_ char *path = wb_format("proc/%d/fd", pid);
	struct dirent *entry;
	int fd, r = 0;
	DIR *dir;

	if (!path)
		return -ENOMEM;
	fd = wb_root_openat(look->scan->root, path, O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	while (r >= 0 && (entry = readdir(dir)))
		if (*entry->d_name != '.')
			r = look_at(look, fd, entry->d_name);
	closedir(dir);
	return r;
}

static int compare_files(const void *a, const void *b)
{
	const struct file *x = a, *y = b;

	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	return x->inode < y->inode ? -1 : x->inode > y->inode;
}

static bool is_seen(struct wb_open_scan *scan, const struct file *file)
{
	return tfind(file, &scan->seen, compare_files);
}

/* Without memory it is looked at again. */
static void mark_seen(struct wb_open_scan *scan, const struct file *file)
{
	struct file *copy = malloc(sizeof(*copy));

	if (!copy)
		return;
	*copy = *file;
	if (!tsearch(copy, &scan->seen, compare_files))
		free(copy);
}

/* The fields of a line up to the inode, proc_pid_maps(5): "START-END PERMS OFFSET
 * MAJOR:MINOR INODE ...". The first one is the name in map_files and is cut off. */
static bool parse_mapping(char *line, struct file *ret)
{
	char *p = line, *end;

	for (int field = 0; field < 3; field++) {
		p += strcspn(p, " ");
		if (*p != ' ')
			return false;
		if (field == 0)
			*p++ = '\0';
		p += strspn(p, " ");
	}
	ret->device = strtoull(p, &end, 16) << 32;
	if (*end != ':')
		return false;
	ret->device |= strtoull(end + 1, &end, 16);
	ret->inode = strtoull(end, NULL, 10);
	return ret->inode != 0;
}

/* A device that is mapped is looked at in each process; any other file once in all. */
static int look_at_mapping(struct look *look, pid_t pid, char *line)
{
	const struct wb_open_scan *scan = look->scan;
	char path[128];
	struct file file;
	struct statx st;

	if (!parse_mapping(line, &file) || is_seen(look->scan, &file))
		return 0;
	snprintf(path, sizeof(path), "proc/%d/map_files/%s", pid, line);
	if (statx(scan->root->fd, path, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE,
		  &st) < 0)
		return 0;
	if (S_ISCHR(st.stx_mode) || S_ISBLK(st.stx_mode))
		return look_at(look, scan->root->fd, path);
	mark_seen(look->scan, &file);
	return 0;
}

static FILE *open_maps(struct wb_open_scan *scan, pid_t pid)
{
	_cleanup_free_ char *path = wb_format("proc/%d/maps", pid);
	_cleanup_close_ int fd = path ? wb_root_openat(scan->root, path, O_RDONLY) : -1;
	FILE *f;

	if (!scan->buffer)
		scan->buffer = malloc(BUFFER_SIZE);
	f = fd >= 0 && scan->buffer ? fdopen(fd, "r") : NULL;
	if (!f)
		return NULL;
	(void)TAKE_FD(fd);
	/* /proc asks for blocks of 1 KiB, which is many system calls. */
	setvbuf(f, scan->buffer, _IOFBF, BUFFER_SIZE);
	return f;
}

/* --- in a child ------------------------------------------------------------------- */

/* What one mapping may cost is nothing; this is for a process that hangs. */
#define MAPS_LIMIT_USEC    (200 * USEC_PER_MSEC)
#define MAPS_PATIENCE_USEC (600 * USEC_PER_MSEC)
#define MAPS_BUSY_USEC     (20 * USEC_PER_SEC)
/* A Java machine may have 60,000 of them; that it does not hang is said after so many. */
#define MAPPINGS_EACH 512

/* A device that a process has mapped. */
struct mapped {
	struct wb_node node;
	char path[4096];
};

static int tell(const struct wb_node *node, const char *path, void *userdata)
{
	struct mapped m = { .node = *node };
	size_t n = strlen(path);

	memcpy(m.path, path, n < sizeof(m.path) ? n : sizeof(m.path) - 1);
	wb_asker_say(*(int *)userdata, &m, offsetof(struct mapped, path) + n + 1);
	return 0;
}

/* Where memory runs out, the rest of one process is not seen. */
static void look_at_mappings(int fd, uint64_t pid, void *userdata)
{
	struct look look = { userdata, tell, &fd };
	_cleanup_fclose_ FILE *f = open_maps(look.scan, (pid_t)pid);

	for (size_t n = 1; f && getline(&look.scan->line, &look.scan->line_size, f) > 0;
	     n++) {
		(void)look_at_mapping(&look, (pid_t)pid, look.scan->line);
		if (n % MAPPINGS_EACH == 0)
			wb_asker_go_on(fd);
	}
}

static int hear(const void *message, size_t size, void *userdata)
{
	struct look *look = userdata;
	struct mapped m = { 0 };

	if (size <= offsetof(struct mapped, path))
		return 0;
	memcpy(&m, message, size < sizeof(m) ? size : sizeof(m) - 1);
	return look->found(&m.node, m.path, look->userdata);
}

/*
 * Since Linux 5.3 whoever waits for the lock of a process's memory can be killed
 * (fs/proc/task_mmu.c, m_start()), and so is the child that waited.
 */
static int ask_for_mappings(struct look *look, pid_t pid)
{
	struct wb_asker *asker = &look->scan->asker;

	if (!asker->answer) {
		asker->answer = look_at_mappings;
		asker->userdata = look->scan;
		asker->limit_usec = MAPS_LIMIT_USEC;
		asker->patience_usec = MAPS_PATIENCE_USEC;
		asker->busy_usec = MAPS_BUSY_USEC;
	}
	return wb_asker_ask(asker, (uint64_t)pid, hear, look);
}

/* --- either ----------------------------------------------------------------------- */

int wb_open_scan_process(struct wb_open_scan *scan, pid_t pid, wb_open_found found,
			 void *userdata)
{
	struct look look = { scan, found, userdata };
	bool live = scan->root->live;
	int r, maps;

	if (scan->n_nodes == 0 && live)
		return 0;
	r = live ? look_at_files(&look, pid) : look_at_links(&look, pid, "fd");
	if (r < 0)
		return r;
	/* A mapping keeps the device open after its descriptor was closed. */
	maps = live ? ask_for_mappings(&look, pid)
		    : look_at_links(&look, pid, "map_files");
	return maps == -ENOMEM || maps == -ETIMEDOUT ? maps : 0;
}

void wb_open_scan_done(struct wb_open_scan *scan)
{
	wb_asker_done(&scan->asker);
	tdestroy(scan->seen, free);
	free(scan->line);
	free(scan->buffer);
	scan->seen = NULL;
	scan->line = scan->buffer = NULL;
}
