/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/cmdline.h"
#include "facts/target-part.h"

struct look {
	const struct wb_root *root;
	const char *options;
	struct wb_mounts mounts;
	struct wb_target_root *ret;
};

/* --- words ------------------------------------------------------------------------ */

/* The next word with this key, and its value without quotes: *@line goes on behind it.
 * NULL in @ret_value where there is none. What follows "--" is not for the kernel. */
static int next_value(const char **line, const char *key, struct wb_word *ret_word,
		      char **ret_value)
{
	*ret_value = NULL;
	while (wb_cmdline_next(line, ret_word)) {
		_cleanup_free_ char *text = strndup(ret_word->text, ret_word->size);

		if (!text)
			return -ENOMEM;
		if (strcmp(text, "--") == 0)
			return 0;
		if (!wb_word_has_key(ret_word, key))
			continue;
		*ret_value = wb_cmdline_get(text, key);
		return *ret_value ? 0 : -ENOMEM;
	}
	return 0;
}

static bool has_word(const struct look *l, const char *key)
{
	_cleanup_free_ char *value = wb_cmdline_get(l->options, key);

	return value != NULL;
}

static int set_unchecked(struct look *l, const char *why)
{
	return wb_set_format(&l->ret->unchecked, "%s", why);
}

static int set_word(struct look *l, const char *key, const char *value)
{
	return wb_set_format(&l->ret->word, "%s=%s", key, value);
}

/* --- what is mounted -------------------------------------------------------------- */

static bool is_on_device(const struct wb_mount *m, const struct wb_node *device)
{
	return m->node.major == device->major && m->node.minor == device->minor;
}

/* Does the root named here stand on / now? Then its file system is known. */
static int look_at_mount(struct look *l)
{
	const struct wb_mount *top = wb_mounts_at(&l->mounts, "/");
	struct wb_node device;

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
static int check_subvolume(struct look *l, const char *subvolume)
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

static int check_flags(struct look *l)
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

/* --- the kinds of roots ----------------------------------------------------------- */

static int find_tagged(struct look *l, const char *word)
{
	const char *value = strchr(word, '=') + 1;
	bool known;
	int r;

	if (strstr(value, "/PARTNROFF="))
		return set_unchecked(l, "it counts partitions from another one");
	r = wb_target_device_by_tag(l->root, word, &l->ret->device, &known);
	if (r < 0 || l->ret->device)
		return r;
	return wb_set_format(&l->ret->problem, "no block device has the %.*s '%s'",
			     (int)(value - word - 1), word, value);
}

static int find_path(struct look *l, const char *word)
{
	int r = wb_target_device_by_path(l->root, word, &l->ret->device);

	if (r < 0 || l->ret->device)
		return r;
	if (wb_root_exists(l->root, word))
		return wb_set_format(&l->ret->problem, "it is not a block device");
	return wb_set_format(&l->ret->problem, "there is no such device");
}

static bool is_in_pool(const char *dataset, const char *pool, size_t n)
{
	return strncmp(dataset, pool, n) == 0 &&
	       (dataset[n] == '/' || dataset[n] == '\0');
}

/* Only what is mounted tells of pools without asking ZFS itself. */
static int find_dataset(struct look *l, const char *dataset)
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

/* "ZFS=tank/ROOT", "zfs:tank/ROOT", "zfs:AUTO", "zfs" */
static int find_zfs(struct look *l, const char *word)
{
	const char *dataset = word + strlen("zfs");
	int r = wb_set_format(&l->ret->type, "zfs");

	if (r < 0)
		return r;
	dataset += *dataset != '\0';
	if (strchr(dataset, '/'))
		return find_dataset(l, dataset);
	if (*dataset && strcmp(dataset, "AUTO") != 0)
		return find_dataset(l, dataset);
	return set_unchecked(l, "ZFS looks for it by the pools' property bootfs");
}

/* A prefix that ends in a letter or a digit is a whole word. */
static const struct kind {
	const char *prefix;
	int (*find)(struct look *l, const char *word);
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

static int find_other(struct look *l, const char *word)
{
	bool known;
	int r = wb_target_device_by_number(l->root, word, &l->ret->device, &known);

	if (r < 0 || l->ret->device)
		return r;
	if (known)
		return wb_set_format(&l->ret->problem, "no block device has this number");
	return set_unchecked(l, "only its initramfs knows what that means");
}

/* No root=: what else may say where it is, and why that cannot be checked. */
static int find_wordless(struct look *l)
{
	_cleanup_free_ char *zfs = wb_cmdline_get(l->options, "zfs");
	_cleanup_free_ char *boot = wb_cmdline_get(l->options, "boot");
	_cleanup_free_ char *net = wb_cmdline_get(l->options, "netroot");
	int r;

	if (zfs && *zfs) {
		r = set_word(l, "zfs", zfs);
		return r < 0 ? r : find_dataset(l, zfs);
	}
	if (boot && strcmp(boot, "zfs") == 0) {
		r = set_word(l, "boot", boot);
		return r < 0 ? r : find_zfs(l, "zfs");
	}
	if (net) {
		r = set_word(l, "netroot", net);
		return r < 0 ? r : set_unchecked(l, "it comes over the network");
	}
	return set_unchecked(l, "its initramfs must know it by itself, or systemd looks "
				"for it by the types of the boot disk's partitions");
}

static int find_named(struct look *l)
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
	return kind->find ? kind->find(l, word) : set_unchecked(l, kind->why);
}

/* --- what it is inside of --------------------------------------------------------- */

static int find_luks(struct look *l, char *value, bool *ret)
{
	const char *rest = wb_startswith(value, "luks-");
	_cleanup_free_ char *device = NULL;
	int r;

	/* rd.luks.name=UUID=NAME */
	value[strcspn(value, "=")] = '\0';
	r = wb_target_device_by_luks(l->root, rest ? rest : value, &device);
	*ret = device != NULL;
	return r;
}

/* cryptdevice=UUID=...:root:allow-discards, cryptdevice=/dev/sda2:root */
static int find_cryptdevice(struct look *l, char *value, bool *ret)
{
	_cleanup_free_ char *device = NULL;
	bool known;
	int r;

	value[strcspn(value, ":")] = '\0';
	r = wb_target_device_by_tag(l->root, value, &device, &known);
	if (r >= 0 && !known)
		r = wb_target_device_by_path(l->root, value, &device);
	*ret = device != NULL;
	return r;
}

static int find_volume(struct look *l, char *value, bool *ret)
{
	return wb_target_has_volume(l->root, value, ret);
}

/* The words by which an initramfs is told what to open on its way to the root. */
static const struct wrap {
	const char *key;
	int (*find)(struct look *l, char *value, bool *ret);
	bool luks;
} wraps[] = {
	{ "rd.luks.uuid", find_luks, true }, { "luks.uuid", find_luks, true },
	{ "rd.luks.name", find_luks, true }, { "luks.name", find_luks, true },
	{ "rd_LUKS_UUID", find_luks, true }, { "cryptdevice", find_cryptdevice, true },
	{ "rd.lvm.lv", find_volume, false }, { "rd.lvm.vg", find_volume, false },
};

/* Where a container waits to be opened, what is in it cannot be here yet. */
static int look_at_wrap(struct look *l, const struct wrap *wrap, size_t *n_containers)
{
	const char *line = l->options;
	int r = 0;

	while (r >= 0) {
		_cleanup_free_ char *value = NULL, *text = NULL;
		struct wb_word word;
		bool found = false;

		r = next_value(&line, wrap->key, &word, &value);
		if (r < 0 || !value)
			return r;
		text = strndup(word.text, word.size);
		if (!text)
			return -ENOMEM;
		r = *value ? wrap->find(l, value, &found) : 0;
		if (r >= 0 && found && wrap->luks)
			(*n_containers)++;
		if (r >= 0 && !found && *value)
			r = wb_strv_append(&l->ret->absent, text);
	}
	return r;
}

static bool names_luks(const char *word)
{
	const struct wb_word w = { word, strlen(word) };

	for (size_t i = 0; i < ARRAY_SIZE(wraps); i++)
		if (wraps[i].luks && wb_word_has_key(&w, wraps[i].key))
			return true;
	return false;
}

/* The one container that must be opened is not here: then nor is the root, and the word
 * that is wrong is that one. */
static int refuse_lost_container(struct look *l)
{
	for (char **p = l->ret->absent; p && *p; p++) {
		int r;

		if (!names_luks(*p))
			continue;
		r = wb_set_format(&l->ret->word, "%s", *p);
		return r < 0 ? r
			     : wb_set_format(&l->ret->problem,
					     "no block device is this LUKS container");
	}
	return 0;
}

/* What comes only in the initramfs is no fault of the word: why is it not here? */
static const char *excuse(struct look *l, size_t n_containers)
{
	static const char network[] = "it is not here, and may come over the network";
	static const char verity[] =
		"it is not here, and verity may put it together in the initramfs";
	static const char raid[] =
		"it is not here, and may be on an array that its initramfs assembles";
	static const struct {
		const char *key, *why;
	} excuses[] = {
		{ "netroot", network },           { "iscsi_initiator", network },
		{ "iscsi_firmware", network },    { "rd.iscsi.initiator", network },
		{ "rd.iscsi.firmware", network }, { "nbdroot", network },
		{ "rd.nvmf.discover", network },  { "rd.nvmf.hostnqn", network },
		{ "roothash", verity },           { "systemd.verity_root_data", verity },
		{ "rd.md.uuid", raid },
	};

	if (n_containers > 0)
		return "it is not here, and may be in a LUKS container that its initramfs "
		       "opens";
	for (size_t i = 0; i < ARRAY_SIZE(excuses); i++)
		if (has_word(l, excuses[i].key))
			return excuses[i].why;
	return NULL;
}

static int look_around(struct look *l)
{
	size_t n_containers = 0;
	const char *why;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(wraps); i++)
		r = look_at_wrap(l, &wraps[i], &n_containers);
	if (r < 0)
		return r;
	/* Of a root that is mounted here, the container may have a header elsewhere. */
	if (n_containers == 0 && !l->ret->problem && !l->ret->mounted)
		return refuse_lost_container(l);
	why = l->ret->problem ? excuse(l, n_containers) : NULL;
	if (!why)
		return 0;
	free(l->ret->problem);
	l->ret->problem = NULL;
	return set_unchecked(l, why);
}

int wb_target_find_root(const struct wb_root *root, const char *options,
			struct wb_target_root *ret)
{
	struct look l = { .root = root, .options = options, .ret = ret };
	int r = wb_mounts_read(root, &l.mounts);

	if (r >= 0)
		r = find_named(&l);
	if (r >= 0)
		r = look_at_mount(&l);
	if (r >= 0)
		r = look_around(&l);
	if (r >= 0)
		r = check_flags(&l);
	wb_mounts_done(&l.mounts);
	return r;
}
