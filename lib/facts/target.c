/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/target.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/cmdline.h"
#include "facts/kernel/image.h"
#include "facts/kernel/initramfs.h"
#include "facts/kernel/piece.h"
#include "sys/blk.h"

/* The tags of root= with udev's links for them and what libblkid finds on the device. */
static const struct tag {
	const char *prefix;
	const char *links;
	size_t value; /* offset in struct wb_blk */
} tags[] = {
	{ "UUID=", "dev/disk/by-uuid", offsetof(struct wb_blk, uuid) },
	{ "LABEL=", "dev/disk/by-label", offsetof(struct wb_blk, label) },
	{ "PARTUUID=", "dev/disk/by-partuuid", offsetof(struct wb_blk, partuuid) },
	{ "PARTLABEL=", "dev/disk/by-partlabel", offsetof(struct wb_blk, partlabel) },
};

static const struct tag *find_tag(const char *spec, const char **ret_value)
{
	for (size_t i = 0; i < ARRAY_SIZE(tags); i++) {
		const char *value = wb_startswith(spec, tags[i].prefix);

		if (value) {
			*ret_value = value;
			return &tags[i];
		}
	}
	return NULL;
}

/*
 * Does libblkid find the tag on this device? Where it may not be opened, for lack of
 * rights or because a folder stands for the machine, udev's word is taken.
 */
static int device_has(const struct wb_root *root, const char *device,
		      const struct tag *tag, const char *value, bool trusted, bool *ret)
{
	_cleanup_(wb_blk_done) struct wb_blk blk = { 0 };
	_cleanup_close_ int fd = -1;
	const char *found;
	int r;

	*ret = trusted;
	if (!root->live)
		return 0;
	fd = wb_root_openat(root, device, O_RDONLY | O_NONBLOCK);
	if (fd < 0)
		return 0;
	r = wb_blk_probe(fd, &blk);
	if (r == -ENOMEM)
		return r;
	found = *(char **)((char *)&blk + tag->value);
	*ret = found && strcasecmp(found, value) == 0;
	return 0;
}

static int device_of_link(const struct wb_root *root, const struct tag *tag,
			  const char *value, char **ret)
{
	_cleanup_free_ char *link = wb_format("%s/%s", tag->links, value);
	_cleanup_free_ char *name = NULL, *device = NULL;
	bool matches;
	int r;

	if (!link)
		return -ENOMEM;
	r = wb_root_link_name(root, link, &name);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	device = wb_format("/dev/%s", name);
	if (!device)
		return -ENOMEM;
	r = device_has(root, device, tag, value, /* trusted= */ true, &matches);
	if (r >= 0 && matches)
		*ret = TAKE_PTR(device);
	return r;
}

/* No link, or a stale one: ask every block device. */
static int device_by_probing(const struct wb_root *root, const struct tag *tag,
			     const char *value, char **ret)
{
	_cleanup_strv_ char **names = NULL;
	int r = wb_root_list(root, "sys/class/block", &names);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **name = names; r >= 0 && !*ret && name && *name; name++) {
		_cleanup_free_ char *device = wb_format("/dev/%s", *name);
		bool matches = false;

		r = device ? device_has(root, device, tag, value, /* trusted= */ false,
					&matches)
			   : -ENOMEM;
		if (r >= 0 && matches)
			*ret = TAKE_PTR(device);
	}
	return r;
}

static int find_tagged(const struct wb_root *root, struct wb_target *target,
		       const struct tag *tag, const char *value)
{
	int r = device_of_link(root, tag, value, &target->root_device);

	if (r >= 0 && !target->root_device)
		r = device_by_probing(root, tag, value, &target->root_device);
	if (r >= 0 && !target->root_device)
		r = wb_set_format(&target->root_problem,
				  "no block device has the %.*s '%s'",
				  (int)strlen(tag->prefix) - 1, tag->prefix, value);
	return r;
}

static int find_path(const struct wb_root *root, struct wb_target *target)
{
	struct wb_node node;
	int r = wb_root_node(root, target->root, &node);

	if (r == -ENODEV || (r >= 0 && !node.block))
		return wb_set_format(&target->root_problem, "it is not a block device");
	if (r < 0)
		return wb_set_format(&target->root_problem, "there is no such device");
	target->root_device = strdup(target->root);
	return target->root_device ? 0 : -ENOMEM;
}

static bool is_word(const char *name)
{
	static const char *const words[] = { "/dev/nfs", "/dev/cifs", "/dev/ram" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(name, words[i]) == 0)
			return true;
	return false;
}

static int find_root(const struct wb_root *root, const char *options,
		     struct wb_target *target)
{
	const struct tag *tag;
	const char *value;

	target->root = wb_cmdline_get(options, "root");
	if (!target->root)
		return 0;
	tag = find_tag(target->root, &value);
	/* PARTUUID=.../PARTNROFF=1 is a partition beside the one that is named. */
	if (tag && strchr(value, '/'))
		return 0;
	if (tag)
		return find_tagged(root, target, tag, value);
	/* ZFS=, nfs:, live:, overlay, ...: only its initramfs understands it; and some
	 * names in /dev are the kernel's own words (init/do_mounts.c). */
	if (!wb_startswith(target->root, "/dev/") || is_word(target->root))
		return 0;
	return find_path(root, target);
}

/* All that was only looked at for the list is unpacked here. */
static int read_image(const struct wb_root *root, const struct wb_kernel *kernel,
		      const char *machine, struct wb_target *target)
{
	_cleanup_(wb_image_done) struct wb_image image = { 0 };
	int r = wb_image_read(root, kernel->linux, machine, kernel->profile, &image);

	if (r >= 0)
		r = wb_image_check(root, &image);
	if (r < 0)
		return r;
	target->cmdline_max = image.cmdline_max;
	target->image_problem = TAKE_PTR(image.problem);
	target->linux = image.linux;
	image.linux.path = NULL;
	target->initrd = TAKE_PTR(image.initrd);
	target->n_initrd = image.n_initrd;
	image.n_initrd = 0;
	target->lost = TAKE_PTR(image.lost);
	return 0;
}

int wb_target_read(const struct wb_root *root, const struct wb_kernel *kernel,
		   const char *machine, const char *initrd, const char *options,
		   struct wb_target *ret)
{
	struct wb_target target = { 0 };
	int r = read_image(root, kernel, machine, &target);

	if (r >= 0 && initrd)
		r = wb_initramfs_check(root, initrd, &target.initrd_problem,
				       &target.initrd_unreadable);
	if (r >= 0)
		r = find_root(root, options, &target);
	if (r < 0) {
		wb_target_done(&target);
		return r;
	}
	*ret = target;
	return 0;
}

void wb_target_done(struct wb_target *target)
{
	free(target->image_problem);
	free(target->linux.path);
	wb_pieces_free(target->initrd, target->n_initrd);
	wb_strv_free(target->lost);
	free(target->initrd_problem);
	free(target->root);
	free(target->root_device);
	free(target->root_problem);
	*target = (struct wb_target){ 0 };
}
