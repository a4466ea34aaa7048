/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the mounts of this machine tell of the root: its file system, subvolumes of btrfs
 * and datasets of ZFS. */

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "facts/cmdline.h"
#include "facts/target-root-part.h"

static bool is_on_device(const struct wb_mount *m, const struct wb_node *device)
{
	return m->node.major == device->major && m->node.minor == device->minor;
}

int wb_look_at_mount(struct wb_look *l)
{
	const struct wb_mount *top = wb_mounts_at(&l->mounts, "/");
	struct wb_node device;

	/* Of several devices its source names all, and its number is of none. */
	if (top && l->ret->device && strchr(top->source, ':') &&
	    strcmp(top->source, strchr(l->ret->word, '=') + 1) == 0) {
		l->ret->mounted = true;
		return wb_set_format(&l->ret->type, "%s", top->type);
	}
	if (!top || !l->ret->device ||
	    wb_root_node(l->root, l->ret->device, &device) < 0 ||
	    !is_on_device(top, &device))
		return 0;
	l->ret->mounted = true;
	return wb_set_format(&l->ret->type, "%s", top->type);
}

/* --- btrfs ------------------------------------------------------------------------ */

/* The value of "subvol=" or "subvolid=" among the mount options; the caller's. */
static int mount_option(const char *flags, const char *prefix, char **ret)
{
	for (const char *p = flags; *p;) {
		size_t n = strcspn(p, ",");
		const char *value = wb_startswith(p, prefix);

		if (value) {
			*ret = strndup(value, n - strlen(prefix));
			return *ret ? 0 : -ENOMEM;
		}
		p += n + (p[n] == ',');
	}
	return 0;
}

static const char *without_slashes(const char *path)
{
	return path + strspn(path, "/");
}

/* A subvolume that is mounted anywhere is there; others only a mount would show. */
static int check_subvolume(struct wb_look *l, const char *subvolume)
{
	struct wb_node device;

	if (wb_root_node(l->root, l->ret->device, &device) < 0)
		return 0;
	for (size_t i = 0; i < l->mounts.n; i++) {
		const struct wb_mount *m = &l->mounts.items[i];

		if (strcmp(m->type, "btrfs") == 0 && is_on_device(m, &device) &&
		    strcmp(without_slashes(m->folder), without_slashes(subvolume)) == 0)
			return 0;
	}
	return wb_set_format(&l->ret->unchecked,
			     "its device is there, and of its subvolume '%s' nobody can "
			     "tell without mounting it",
			     subvolume);
}

int wb_look_at_flags(struct wb_look *l)
{
	_cleanup_free_ char *flags = wb_cmdline_get(l->options, "rootflags");
	_cleanup_free_ char *name = NULL, *number = NULL;
	int r = 0;

	if (!flags || !l->ret->device)
		return 0;
	r = mount_option(flags, "subvol=", &name);
	if (r >= 0)
		r = mount_option(flags, "subvolid=", &number);
	if (r < 0)
		return r;
	if (name)
		return check_subvolume(l, name);
	/* 5 is the file system itself. */
	if (!number || strcmp(number, "5") == 0 || strcmp(number, "0") == 0)
		return 0;
	return wb_set_format(&l->ret->unchecked,
			     "its device is there, and of its subvolume with the number "
			     "%s nobody can tell without asking btrfs",
			     number);
}

/* --- ZFS -------------------------------------------------------------------------- */

static bool is_in_pool(const char *dataset, const char *pool, size_t n)
{
	return strncmp(dataset, pool, n) == 0 &&
	       (dataset[n] == '/' || dataset[n] == '\0');
}

int wb_look_for_dataset(struct wb_look *l, const char *dataset)
{
	const struct wb_mount *top = wb_mounts_at(&l->mounts, "/");
	size_t n = strcspn(dataset, "/");
	bool pool = false;

	for (size_t i = 0; i < l->mounts.n; i++) {
		const struct wb_mount *m = &l->mounts.items[i];

		if (strcmp(m->type, "zfs") != 0)
			continue;
		pool = pool || is_in_pool(m->source, dataset, n);
		if (strcmp(m->source, dataset) == 0) {
			l->ret->mounted = l->ret->mounted || m == top;
			return wb_set_format(&l->ret->type, "zfs");
		}
	}
	return wb_set_format(&l->ret->unchecked,
			     pool ? "the dataset '%s' is not mounted now, so that only "
				    "ZFS could tell"
				  : "nothing of the pool of '%s' is mounted now, so that "
				    "only ZFS could tell",
			     dataset);
}
