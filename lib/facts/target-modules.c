/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/module.h"
#include "facts/target-part.h"

/* --- the device -------------------------------------------------------------------- */

struct stack {
	const struct wb_root *root;
	char **names; /* of modules, as the kernel spells them */
	char **seen;  /* devices; damaged links might lead in circles */
};

static int add_name(struct stack *s, const char *name)
{
	_cleanup_free_ char *copy = strdup(name);

	return copy ? wb_strv_add(&s->names, wb_module_name(copy)) : -ENOMEM;
}

/* The module of the driver that is bound to this device, where there is one. */
static int add_driver(struct stack *s, const char *path)
{
	_cleanup_free_ char *link = wb_format("%s/driver/module", path), *name = NULL;
	int r;

	if (!link)
		return -ENOMEM;
	r = wb_root_link_name(s->root, link, &name);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	return add_name(s, name);
}

/* "sys/devices/pci0000:00/0000:00:17.0/ata1/...": each folder may be a device. */
static int add_ancestors(struct stack *s, const char *device)
{
	_cleanup_free_ char *path = strdup(device);
	size_t top = strlen("sys/devices");
	int r = 0;
	char *slash;

	if (!path)
		return -ENOMEM;
	while (r >= 0 && strlen(path) > top) {
		r = add_driver(s, path);
		slash = strrchr(path, '/');
		*slash = '\0';
	}
	return r;
}

/* "/sys/class/block/sda1" into "sys/devices/.../sda/sda1"; NULL where it is not there. */
static int device_path(struct stack *s, const char *link, char **ret)
{
	_cleanup_free_ char *target = NULL;
	const char *path;
	int r = wb_root_readlink(s->root, link, &target);

	*ret = NULL;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	path = strstr(target, "devices/");
	if (!path || strstr(path, ".."))
		return 0;
	*ret = wb_format("sys/%s", path);
	return *ret ? 0 : -ENOMEM;
}

/* What a device that is made of others is made by: one attribute tells. */
static int add_maker(struct stack *s, const char *path)
{
	static const struct {
		const char *attribute, *begin;
		const char *modules[2];
	} makers[] = {
		{ "dm/uuid", "LVM-", { "dm_mod" } },
		{ "dm/uuid", "CRYPT-VERITY-", { "dm_mod", "dm_verity" } },
		{ "dm/uuid", "CRYPT-LUKS", { "dm_mod", "dm_crypt" } },
		{ "dm/uuid", "CRYPT-PLAIN", { "dm_mod", "dm_crypt" } },
		{ "dm/uuid", "mpath-", { "dm_mod", "dm_multipath" } },
		{ "md/level", "raid0", { "md_mod", "raid0" } },
		{ "md/level", "raid10", { "md_mod", "raid10" } },
		{ "md/level", "raid1", { "md_mod", "raid1" } },
		{ "md/level", "raid4", { "md_mod", "raid456" } },
		{ "md/level", "raid5", { "md_mod", "raid456" } },
		{ "md/level", "raid6", { "md_mod", "raid456" } },
	};
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(makers); i++) {
		_cleanup_free_ char *file = wb_format("%s/%s", path, makers[i].attribute);
		_cleanup_free_ char *text = NULL;

		if (!file)
			return -ENOMEM;
		r = wb_root_read_line(s->root, file, &text);
		if (r == -ENOMEM)
			return r;
		if (r < 0 || !wb_startswith(text, makers[i].begin))
			continue;
		r = 0;
		for (size_t j = 0; r >= 0 && j < 2 && makers[i].modules[j]; j++)
			r = add_name(s, makers[i].modules[j]);
		return r;
	}
	return 0;
}

static int add_device(struct stack *s, const char *link);

/* Each entry of the folder, through its link in the class. */
static int add_all(struct stack *s, const char *folder, const char *prefix,
		   const char *class)
{
	_cleanup_strv_ char **names = NULL;
	int r = wb_root_list(s->root, folder, &names);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **p = names; r >= 0 && p && *p; p++) {
		_cleanup_free_ char *link = wb_format("sys/class/%s/%s", class, *p);

		if (!link)
			return -ENOMEM;
		if (wb_startswith(*p, prefix))
			r = add_device(s, link);
	}
	return r;
}

/* With native multipath an NVMe disk hangs below its subsystem, which is virtual, and has
 * its controllers beside it. */
static int add_controllers(struct stack *s, const char *path)
{
	const char *rest = wb_startswith(path, "sys/devices/virtual/nvme-subsystem/");
	_cleanup_free_ char *folder = NULL;

	if (!rest)
		return 0;
	folder = wb_format("sys/devices/virtual/nvme-subsystem/%.*s",
			   (int)strcspn(rest, "/"), rest);
	return folder ? add_all(s, folder, "nvme", "nvme") : -ENOMEM;
}

/* Of dm, md and bcache: what makes them, and of what. */
static int add_parts(struct stack *s, const char *path)
{
	_cleanup_free_ char *slaves = wb_format("%s/slaves", path);
	int r = slaves ? add_maker(s, path) : -ENOMEM;

	return r < 0 ? r : add_all(s, slaves, "", "block");
}

static int add_device(struct stack *s, const char *link)
{
	_cleanup_free_ char *path = NULL, *disk = NULL;
	int r = device_path(s, link, &path);

	if (r < 0 || !path || wb_strv_contains(s->seen, path))
		return r;
	r = wb_strv_append(&s->seen, path);
	if (r >= 0)
		r = add_ancestors(s, path);
	if (r >= 0)
		r = add_controllers(s, path);
	if (r >= 0)
		r = add_parts(s, path);
	if (r < 0)
		return r;
	/* A partition: the disk it is on has them. */
	disk = wb_format("%s/..", path);
	return disk ? add_parts(s, disk) : -ENOMEM;
}

static int add_disk(struct stack *s, const char *device)
{
	_cleanup_free_ char *link = NULL;
	struct wb_node node;

	if (!device || wb_root_node(s->root, device, &node) < 0)
		return 0;
	link = wb_format("sys/dev/block/%u:%u", node.major, node.minor);
	return link ? add_device(s, link) : -ENOMEM;
}

/* --- its file system --------------------------------------------------------------- */

static int add_file_system(struct stack *s, const char *type)
{
	/* Where the module has another name, or brings a second one of its make. */
	static const struct {
		const char *type;
		const char *modules[2];
	} others[] = {
		{ "ext2", { "ext4" } },
		{ "ext3", { "ext4" } },
		{ "zfs", { "zfs", "spl" } },
	};
	int r = 0;

	if (!type)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (strcmp(type, others[i].type) != 0)
			continue;
		for (size_t j = 0; r >= 0 && j < 2 && others[i].modules[j]; j++)
			r = add_name(s, others[i].modules[j]);
		return r;
	}
	return add_name(s, type);
}

/* --- what the target has ------------------------------------------------------------ */

struct index {
	char **files;   /* modules.dep has them */
	char **builtin; /* modules.builtin has them */
};

static void index_done(struct index *index)
{
	wb_strv_free(index->files);
	wb_strv_free(index->builtin);
}

/* Loaded ones alone: of what is part of this kernel not all is in modules.builtin, and it
 * may be part of the other as well. */
static bool is_loaded(const struct wb_facts *facts, const char *name)
{
	return wb_module_find(facts->modules, facts->n_modules, name) != NULL;
}

static int find_missing(const struct wb_facts *facts, const struct index *index,
			char *const *needed, struct wb_target *target)
{
	int r = 0;

	for (; r >= 0 && needed && *needed; needed++) {
		if (wb_strv_contains(index->builtin, *needed) ||
		    wb_initramfs_has_module(&target->initramfs, *needed))
			continue;
		if (wb_strv_contains(index->files, *needed) || is_loaded(facts, *needed))
			r = wb_strv_append(&target->modules.missing, *needed);
	}
	return r;
}

static int find_unbuilt(const struct wb_facts *facts, const struct index *index,
			char *const *needed, struct wb_target *target)
{
	struct wb_target_modules *m = &target->modules;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < facts->n_modules; i++) {
		const char *name = facts->modules[i].name;

		if (!facts->modules[i].out_of_tree ||
		    wb_strv_contains(index->files, name) ||
		    wb_strv_contains(index->builtin, name) ||
		    wb_initramfs_has_module(&target->initramfs, name))
			continue;
		r = wb_strv_append(wb_strv_contains(needed, name) ? &m->unbuilt_root
								  : &m->unbuilt,
				   name);
	}
	return r;
}

/* Each module has one sentence: what was never built cannot be in the initramfs. */
static int without(char ***list, char *const *others)
{
	char **kept = NULL;
	int r = 0;

	for (char **p = *list; r >= 0 && p && *p; p++)
		if (!wb_strv_contains(others, *p))
			r = wb_strv_append(&kept, *p);
	if (r < 0) {
		wb_strv_free(kept);
		return r;
	}
	wb_strv_free(*list);
	*list = kept;
	return 0;
}

/* The initramfs holds modules, and only those of other kernels. */
static bool is_foreign(const struct wb_initramfs *initramfs, const char *version)
{
	return initramfs->releases && !wb_strv_contains(initramfs->releases, version);
}

static int compare(const struct wb_root *root, const struct wb_facts *facts,
		   const char *version, char *const *needed, struct wb_target *target)
{
	_cleanup_(index_done) struct index index = { 0 };
	_cleanup_strv_ char **names = NULL;
	const struct wb_initramfs *initramfs = &target->initramfs;
	bool known = false;
	int r = wb_strv_copy(&names, needed);

	for (size_t i = 0; r >= 0 && i < facts->n_modules; i++)
		if (facts->modules[i].out_of_tree)
			r = wb_strv_add(&names, facts->modules[i].name);
	if (r >= 0)
		r = wb_module_index_search(root, version, names, &index.files,
					   &index.builtin, &known);
	if (r < 0 || !known)
		return r;
	r = find_unbuilt(facts, &index, needed, target);
	if (r >= 0)
		r = wb_module_index_dkms(root, facts->state.release, names,
					 &target->modules.dkms);
	/* Of an initramfs that cannot be read there is a better sentence. */
	if (r < 0 || initramfs->problem)
		return r;
	target->modules.foreign = is_foreign(initramfs, version);
	if (target->modules.foreign)
		return 0;
	r = find_missing(facts, &index, needed, target);
	return r < 0 ? r
		     : without(&target->modules.missing, target->modules.unbuilt_root);
}

int wb_target_find_modules(const struct wb_root *root, const struct wb_facts *facts,
			   const struct wb_target_spec *spec, struct wb_target *target)
{
	const char *running = facts->state.release;
	struct stack s = { .root = root };
	int r;

	/* The running kernel has found its root with what it has. */
	if (!spec->kernel->version ||
	    (running && strcmp(running, spec->kernel->version) == 0))
		return 0;
	r = add_disk(&s, target->root.device);
	if (r >= 0)
		r = add_file_system(&s, target->root.type);
	if (r >= 0)
		r = compare(root, facts, spec->kernel->version, s.names, target);
	wb_strv_free(s.names);
	wb_strv_free(s.seen);
	return r;
}
