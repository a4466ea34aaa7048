/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <net/if.h>
#include <search.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/device-part.h"

/* PCI Code and ID Assignment, 04h 03h: high definition audio; 04h 01h: what Intel's
 * signal processors give themselves out for. 06h 04h: a bridge to another bus. */
#define PCI_CLASS_HDA    0x0403
#define PCI_CLASS_AUDIO  0x0401
#define PCI_CLASS_BRIDGE 0x0604
#define PCI_VENDOR_INTEL 0x8086

/* --- what is noted ------------------------------------------------------------------ */

static int compare_uses(const void *a, const void *b)
{
	const struct wb_use *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* What has several members comes to a device several times over, one after the other. */
static bool is_last(const struct wb_device *d, enum wb_use_kind kind, const char *name)
{
	const struct wb_use *last = d->n_uses > 0 ? &d->uses[d->n_uses - 1] : NULL;

	return last && last->kind == kind && strcmp(last->name, name) == 0;
}

/* The tree has nothing of its own. */
static void keep(void *item)
{
	(void)item;
}

/* And what is mounted twice comes again later. A pool may have ten thousand datasets, so
 * nobody looks through all of them for each. */
static int drop_repeated(struct wb_device *d)
{
	void *seen = NULL;
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; i < d->n_uses; i++) {
		struct wb_use use = d->uses[i];

		d->uses[n] = use;
		if (r >= 0 && tfind(&use, &seen, compare_uses)) {
			free(use.name);
			free(use.unit);
			continue;
		}
		if (r >= 0 && !tsearch(&d->uses[n], &seen, compare_uses))
			r = -ENOMEM;
		n++;
	}
	d->n_uses = n;
	tdestroy(seen, keep);
	return r;
}

static int note(struct wb_device *d, enum wb_use_kind kind, const char *name,
		const char *unit)
{
	struct wb_use *grown, *u;

	if (is_last(d, kind, name))
		return 0;
	grown = d->uses;
	/* There is room up to the next power of two. */
	if ((d->n_uses & (d->n_uses - 1)) == 0)
		grown = reallocarray(d->uses, d->n_uses ? 2 * d->n_uses : 1,
				     sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	d->uses = grown;
	u = &grown[d->n_uses++];
	*u = (struct wb_use){ .kind = kind, .name = strdup(name) };
	if (unit)
		u->unit = strdup(unit);
	/* A path may have any bytes in it. */
	if (u->name)
		wb_clean_text(u->name);
	return u->name && (u->unit || !unit) ? 0 : -ENOMEM;
}

int wb_device_use_add(const struct wb_device_tree *tree, const char *path,
		      enum wb_use_kind kind, const char *name, const char *unit)
{
	struct wb_device *d = wb_device_tree_owner(tree, path);
	int r = 0;

	for (; r >= 0 && d; d = wb_device_tree_parent(tree, d))
		if (d->class >> 8 != PCI_CLASS_BRIDGE)
			r = note(d, kind, name, unit);
	return r;
}

/* --- network ------------------------------------------------------------------------ */

/* Up, and not without a partner: an empty socket is nobody's connection. */
static bool is_up(const struct wb_root *root, const char *name)
{
	_cleanup_free_ char *flags_path = wb_format("sys/class/net/%s/flags", name);
	_cleanup_free_ char *state_path = wb_format("sys/class/net/%s/operstate", name);
	_cleanup_free_ char *flags = NULL, *state = NULL;
	uint64_t value;

	if (!flags_path || !state_path ||
	    wb_root_read_line(root, flags_path, &flags) < 0 ||
	    !wb_startswith(flags, "0x") || wb_parse_u64(flags + 2, 16, &value) < 0 ||
	    !(value & IFF_UP))
		return false;
	return wb_root_read_line(root, state_path, &state) < 0 ||
	       strcmp(state, "down") != 0;
}

/* Each entry of a class with the path of its device below /sys; virtual ones have none.
 */
static int each_of_class(const struct wb_root *root, const struct wb_device_tree *tree,
			 const char *class,
			 int (*add)(const struct wb_root *root,
				    const struct wb_device_tree *tree, const char *path,
				    const char *name))
{
	_cleanup_free_ char *folder = wb_format("sys/class/%s", class);
	_cleanup_strv_ char **names = NULL;
	int r = folder ? wb_root_list(root, folder, &names) : -ENOMEM;

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **name = names; r >= 0 && name && *name; name++) {
		_cleanup_free_ char *link = wb_format("%s/%s", folder, *name);
		_cleanup_free_ char *target = NULL;
		const char *path;

		r = link ? wb_root_readlink(root, link, &target) : -ENOMEM;
		if (r == -ENOMEM)
			return r;
		path = r < 0 ? NULL : strstr(target, "devices/");
		r = path && !wb_startswith(path, "devices/virtual/")
			    ? add(root, tree, path, *name)
			    : 0;
	}
	return r;
}

static int add_interface(const struct wb_root *root, const struct wb_device_tree *tree,
			 const char *path, const char *name)
{
	if (!is_up(root, name))
		return 0;
	return wb_device_use_add(tree, path, WB_USE_NETWORK, name, NULL);
}

/* --- consoles ----------------------------------------------------------------------- */

/* The consoles of hypervisors are nobody's children in sysfs. */
static int add_hypervisor_console(const struct wb_device_list *list,
				  const struct wb_device_tree *tree, const char *name)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < list->n; i++) {
		const struct wb_device *d = &list->items[i];

		if (d->driver && (strcmp(d->driver, "virtio_console") == 0 ||
				  strcmp(d->driver, "xenconsole") == 0))
			r = wb_device_use_add(tree, d->path, WB_USE_CONSOLE, name, NULL);
	}
	return r;
}

static int add_console(const struct wb_root *root, const struct wb_device_list *list,
		       const struct wb_device_tree *tree, const char *name)
{
	_cleanup_free_ char *link = wb_format("sys/class/tty/%s", name), *target = NULL;
	const char *path;
	int r = link ? wb_root_readlink(root, link, &target) : -ENOMEM;

	if (r == -ENOMEM)
		return r;
	if (wb_startswith(name, "hvc"))
		return add_hypervisor_console(list, tree, name);
	path = r < 0 ? NULL : strstr(target, "devices/");
	return path ? wb_device_use_add(tree, path, WB_USE_CONSOLE, name, NULL) : 0;
}

/* "ttyS0                -W- (EC p a)    4:64" into its first word. */
static int read_table(const struct wb_root *root, char ***ret)
{
	_cleanup_free_ char *text = NULL;
	char *rest, *line;
	int r = wb_root_read(root, "proc/consoles", &text, NULL);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	rest = text;
	while (r >= 0 && (line = strsep(&rest, "\n"))) {
		line[strcspn(line, " \t")] = '\0';
		if (*line)
			r = wb_strv_append(ret, line);
	}
	return r;
}

/* Documentation/ABI/testing/sysfs-tty: what printk() goes to. */
static int add_consoles(const struct wb_root *root, const struct wb_device_list *list,
			const struct wb_device_tree *tree)
{
	_cleanup_free_ char *active = NULL;
	_cleanup_strv_ char **names = NULL;
	int r = wb_root_read_line(root, "sys/class/tty/console/active", &active);

	if (r == -ENOMEM)
		return r;
	r = active ? wb_strv_split(&names, active) : read_table(root, &names);
	for (char **name = names; r >= 0 && name && *name; name++)
		if (!strchr(*name, '/'))
			r = add_console(root, list, tree, *name);
	return r;
}

/* --- sound -------------------------------------------------------------------------- */

static bool is_audio(const struct wb_device *d)
{
	return d->driver &&
	       (d->class >> 8 == PCI_CLASS_HDA || d->class >> 8 == PCI_CLASS_AUDIO);
}

static bool is_same_slot(const struct wb_device *a, const struct wb_device *b)
{
	const char *x = strrchr(a->id, '.'), *y = strrchr(b->id, '.');

	return x && y && x - a->id == y - b->id &&
	       strncmp(a->id, b->id, (size_t)(x - a->id)) == 0;
}

/*
 * The audio function of a graphics card stands in its slot; that of Intel's processors is
 * one of the chipset (0000:00:1f.3), or of the processor (0000:00:03.0). The component
 * framework ties the two together, and shows no holder: sound/hda/hdac_component.c.
 */
static bool is_sound_of(const struct wb_device *audio, const struct wb_device *display)
{
	if (is_same_slot(audio, display))
		return true;
	return audio->vendor == PCI_VENDOR_INTEL && display->driver &&
	       (strcmp(display->driver, "i915") == 0 ||
		strcmp(display->driver, "xe") == 0) &&
	       wb_startswith(audio->id, "0000:00:");
}

static int add_sound(const struct wb_device_list *list)
{
	int r = 0;

	for (size_t i = 0; i < list->n; i++) {
		const struct wb_device *audio = &list->items[i];

		for (size_t j = 0; r >= 0 && is_audio(audio) && j < list->n; j++) {
			struct wb_device *display = &list->items[j];

			if (display->display && is_sound_of(audio, display))
				r = note(display, WB_USE_SOUND, audio->id, NULL);
		}
	}
	return r;
}

int wb_device_uses_read(const struct wb_root *root, const struct wb_device_list *list,
			const struct wb_device_tree *tree, const struct wb_blocks *blocks)
{
	int r = each_of_class(root, tree, "net", add_interface);

	if (r >= 0)
		r = add_consoles(root, list, tree);
	if (r >= 0)
		r = add_sound(list);
	if (r >= 0)
		r = wb_device_storage_read(root, list, tree, blocks);
	for (size_t i = 0; r >= 0 && i < list->n; i++)
		r = drop_repeated(&list->items[i]);
	return r;
}
