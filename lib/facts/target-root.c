/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which root the words of the command line name. */

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "facts/cmdline.h"
#include "facts/target-part.h"
#include "facts/target-root-part.h"

int wb_look_set_unchecked(struct wb_look *l, const char *why)
{
	return wb_set_format(&l->ret->unchecked, "%s", why);
}

static int set_word(struct wb_look *l, const char *key, const char *value)
{
	return wb_set_format(&l->ret->word, "%s=%s", key, value);
}

/* --- the kinds of roots ----------------------------------------------------------- */

static int find_tagged(struct wb_look *l, const char *word)
{
	const char *value = strchr(word, '=') + 1;
	bool known;
	int r;

	if (strstr(value, "/PARTNROFF="))
		return wb_look_set_unchecked(l, "it counts partitions from another one");
	r = wb_target_device_by_tag(l->root, word, &l->ret->device, &known);
	if (r < 0 || l->ret->device)
		return r;
	return wb_set_format(&l->ret->problem, "no block device has the %.*s '%s'",
			     (int)(value - word - 1), word, value);
}

/* "/dev/sda2:/dev/sdb2" of bcachefs: its file system is on all of them. */
static int find_members(struct wb_look *l, const char *word)
{
	_cleanup_free_ char *copy = strdup(word);
	char *rest = copy, *path;
	int r = copy ? 0 : -ENOMEM;

	while (r >= 0 && (path = strsep(&rest, ":"))) {
		_cleanup_free_ char *device = NULL;

		r = wb_target_device_by_path(l->root, path, &device);
		if (r >= 0 && !device)
			return wb_set_format(&l->ret->problem, "there is no device %s",
					     path);
		if (r >= 0 && !l->ret->device)
			l->ret->device = TAKE_PTR(device);
	}
	return r < 0 ? r : wb_set_format(&l->ret->type, "bcachefs");
}

static int find_path(struct wb_look *l, const char *word)
{
	int r;

	if (strstr(word, ":/dev/"))
		return find_members(l, word);
	r = wb_target_device_by_path(l->root, word, &l->ret->device);
	if (r < 0 || l->ret->device)
		return r;
	if (wb_root_exists(l->root, word))
		return wb_set_format(&l->ret->problem, "it is not a block device");
	return wb_set_format(&l->ret->problem, "there is no such device");
}

/* "ZFS=tank/ROOT", "zfs:tank/ROOT", "zfs:AUTO", "zfs" */
static int find_zfs(struct wb_look *l, const char *word)
{
	const char *dataset = word + strlen("zfs");
	int r = wb_set_format(&l->ret->type, "zfs");

	if (r < 0)
		return r;
	dataset += *dataset != '\0';
	if (strchr(dataset, '/'))
		return wb_look_for_dataset(l, dataset);
	if (*dataset && strcmp(dataset, "AUTO") != 0)
		return wb_look_for_dataset(l, dataset);
	return wb_look_set_unchecked(l, "ZFS looks for it by the pools' property bootfs");
}

/* A prefix that ends in a letter or a digit is a whole word. */
static const struct kind {
	const char *prefix;
	int (*find)(struct wb_look *l, const char *word);
	const char *why; /* it cannot be checked */
} kinds[] = {
	{ "UUID=", find_tagged, NULL },
	{ "LABEL=", find_tagged, NULL },
	{ "PARTUUID=", find_tagged, NULL },
	{ "PARTLABEL=", find_tagged, NULL },
	{ "ID=", find_tagged, NULL },
	{ "ZFS=", find_zfs, NULL },
	{ "zfs:", find_zfs, NULL },
	{ "zfs", find_zfs, NULL },
	/* The kernel's own words, and no devices: init/do_mounts.c. */
	{ "/dev/nfs", NULL, "it is on another machine, by NFS" },
	{ "/dev/cifs", NULL, "it is on another machine, by SMB" },
	{ "/dev/ram", NULL, "it is a disk in memory that the kernel fills" },
	/* The links that systemd's generator makes for itself. */
	{ "/dev/gpt-auto-root", NULL,
	  "systemd looks for it by the types of the boot disk's partitions" },
	{ "/dev/gpt-auto-root-luks", NULL,
	  "systemd looks for it by the types of the boot disk's partitions" },
	{ "/dev/", find_path, NULL },
	{ "nfs:", NULL, "it is on another machine, by NFS" },
	{ "nfs4:", NULL, "it is on another machine, by NFS" },
	{ "cifs:", NULL, "it is on another machine, by SMB" },
	{ "iscsi:", NULL, "it is on another machine, by iSCSI" },
	{ "nbd:", NULL, "it is on another machine, by NBD" },
	{ "nvmf:", NULL, "it is on another machine, by NVMe" },
	{ "fcoe:", NULL, "it comes over the network, by FCoE" },
	{ "dhcp", NULL, "DHCP tells where it is" },
	{ "dhcp6", NULL, "DHCP tells where it is" },
	{ "live:", NULL, "it is a live image that the initramfs looks for" },
	{ "live", NULL, "it is a live image that the initramfs looks for" },
	{ "overlay", NULL, "it is put together in the initramfs" },
	{ "overlayfs", NULL, "it is put together in the initramfs" },
	{ "tmpfs", NULL, "it is in memory, and the initramfs fills it" },
	{ "gpt-auto", NULL,
	  "systemd looks for it by the types of the boot disk's partitions" },
	{ "fstab", NULL, "the fstab in the initramfs names it" },
};

static const struct kind *find_kind(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const char *prefix = kinds[i].prefix;
		const char *rest = wb_startswith(word, prefix);
		bool whole = isalnum((unsigned char)prefix[strlen(prefix) - 1]);

		if (rest && (!whole || *rest == '\0'))
			return &kinds[i];
	}
	return NULL;
}

static int find_other(struct wb_look *l, const char *word)
{
	bool known;
	int r = wb_target_device_by_number(l->root, word, &l->ret->device, &known);

	if (r < 0 || l->ret->device)
		return r;
	if (known)
		return wb_set_format(&l->ret->problem, "no block device has this number");
	return wb_look_set_unchecked(l, "only its initramfs knows what that means");
}

/* No root=: what else may say where it is, and why that cannot be checked. */
static int find_wordless(struct wb_look *l)
{
	_cleanup_free_ char *zfs = wb_cmdline_get(l->options, "zfs");
	_cleanup_free_ char *boot = wb_cmdline_get(l->options, "boot");
	_cleanup_free_ char *net = wb_cmdline_get(l->options, "netroot");
	int r;

	if (zfs && *zfs) {
		r = set_word(l, "zfs", zfs);
		return r < 0 ? r : wb_look_for_dataset(l, zfs);
	}
	if (boot && strcmp(boot, "zfs") == 0) {
		r = set_word(l, "boot", boot);
		return r < 0 ? r : find_zfs(l, "zfs");
	}
	if (net) {
		r = set_word(l, "netroot", net);
		return r < 0 ? r : wb_look_set_unchecked(l, "it comes over the network");
	}
	return wb_look_set_unchecked(
		l, "its initramfs must know it by itself, or systemd looks "
		   "for it by the types of the boot disk's partitions");
}

static int find_named(struct wb_look *l)
{
	_cleanup_free_ char *word = wb_cmdline_get(l->options, "root");
	const struct kind *kind = word ? find_kind(word) : NULL;
	int r;

	if (!word || *word == '\0')
		return find_wordless(l);
	r = set_word(l, "root", word);
	if (r < 0)
		return r;
	if (!kind)
		return find_other(l, word);
	return kind->find ? kind->find(l, word) : wb_look_set_unchecked(l, kind->why);
}

/* ---------------------------------------------------------------------------------- */

int wb_target_find_root(const struct wb_root *root, const char *options,
			struct wb_target_root *ret)
{
	struct wb_look l = { .root = root, .options = options, .ret = ret };
	int r = wb_mounts_read(root, &l.mounts);

	if (r >= 0)
		r = find_named(&l);
	if (r >= 0)
		r = wb_look_at_mount(&l);
	if (r >= 0)
		r = wb_look_around(&l);
	if (r >= 0)
		r = wb_look_at_flags(&l);
	wb_mounts_done(&l.mounts);
	return r;
}
