/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/check-part.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"

/* --- the initramfs ---------------------------------------------------------------- */

static int check_microcode(const struct wb_check_input *in, struct wb_findings *f)
{
	int r;

	if (!in->target->initramfs.late_microcode)
		return 0;
	r = wb_findings_add(
		f, WB_WARNING, "initrd",
		"the CPU's microcode comes after a compressed part of the initramfs, "
		"where the kernel does not look for it, and will not be loaded early");
	return wb_findings_advise(f, r, "its file must come first");
}

/* Does the row stand in a boot loader's menu? Then it says itself what it needs. */
static bool is_entry(const struct wb_kernel *k)
{
	return strcmp(k->source, "bls") == 0 || strcmp(k->source, "grub") == 0;
}

int wb_check_initrd(const struct wb_check_input *in, struct wb_findings *f)
{
	const struct wb_kernel *k = in->choice->kernel;
	const struct wb_initramfs *i = &in->target->initramfs;
	int r;

	if (i->problem)
		return wb_findings_add(f, i->unreadable ? WB_WARNING : WB_BLOCKER,
				       "initrd", "%s cannot be used: %s", i->problem_path,
				       i->problem);
	/* Of a kernel that is none, its own finding says enough. */
	if (in->target->n_initrd > 0 || in->request->initrd ||
	    (k->problem && !k->unreadable))
		return check_microcode(in, f);
	if (is_entry(k))
		return wb_findings_add(
			f, WB_WARNING, "initrd",
			"the entry %s names no initramfs: %s has to mount its root by "
			"itself",
			k->id, k->linux);
	r = wb_findings_add(f, WB_BLOCKER, "initrd",
			    "no initramfs of %s was found beside it or in /boot",
			    k->linux);
	return wb_findings_advise(
		f, r,
		"name one with --initrd, or say --initrd=none for a kernel that mounts "
		"its root by itself");
}

/* --- the root --------------------------------------------------------------------- */

static int check_absent(const struct wb_target_root *root, struct wb_findings *f)
{
	_cleanup_free_ char *words = NULL;
	int r;

	if (!root->absent)
		return 0;
	words = wb_strv_join(root->absent, " ");
	if (!words)
		return -ENOMEM;
	r = wb_findings_add(f, WB_WARNING, "root",
			    "%s of the next kernel: there is no such LUKS container or "
			    "volume here, and its initramfs may wait for it in vain",
			    words);
	return wb_findings_advise(f, r, "drop it with --remove");
}

static int refuse_root(const struct wb_target_root *root, struct wb_findings *f)
{
	const char *word = root->word ? root->word : "root";
	int n = (int)strcspn(word, "="), r;

	r = wb_findings_add(f, WB_BLOCKER, "root",
			    "%s of the next kernel leads nowhere: %s", word,
			    root->problem);
	return wb_findings_advise(f, r, "correct it with --remove=%.*s --append=%.*s=...",
				  n, word, n, word);
}

int wb_check_root(const struct wb_check_input *in, struct wb_findings *f)
{
	const struct wb_target_root *root = &in->target->root;
	int r = 0;

	if (root->problem)
		return refuse_root(root, f);
	if (root->unchecked)
		r = wb_findings_add(f, WB_INFO, "root",
				    "whether %s of the next kernel leads to a root "
				    "cannot be checked: %s",
				    root->word ? root->word
					       : "the command line without root=",
				    root->unchecked);
	if (r < 0)
		return r;
	return check_absent(root, f);
}

/* --- its modules ------------------------------------------------------------------ */

/* "nvme, nvme_core and ext4"; the caller's. */
static char *join_names(char *const *names)
{
	size_t n = wb_strv_length(names);
	char *text = strdup(names[0]);

	for (size_t i = 1; text && i < n; i++)
		if (wb_set_format(&text, "%s%s%s", text, i + 1 < n ? ", " : " and ",
				  names[i]) < 0) {
			free(text);
			return NULL;
		}
	return text;
}

/* "with dkms autoinstall -k 6.1.0", where that is how all of them came here. The
 * caller's. */
static char *how_to_build(const struct wb_check_input *in, char *const *names)
{
	for (char *const *name = names; *name; name++)
		if (!wb_strv_contains(in->target->modules.dkms, *name))
			return strdup("in the same way as for the running kernel");
	return wb_format("with dkms autoinstall -k %s", in->choice->kernel->version);
}

static int check_unbuilt(const struct wb_check_input *in, char *const *names,
			 bool for_root, struct wb_findings *f)
{
	const char *version = in->choice->kernel->version;
	bool one = wb_strv_length(names) == 1;
	_cleanup_free_ char *list = NULL, *how = NULL;
	int r;

	if (!names)
		return 0;
	list = join_names(names);
	how = how_to_build(in, names);
	if (!list || !how)
		return -ENOMEM;
	r = wb_findings_add(f, for_root ? WB_BLOCKER : WB_WARNING, "modules",
			    "%s, which %s loaded now%s, %s not built for %s", list,
			    one ? "is" : "are",
			    for_root ? " and which the root needs" : "",
			    one ? "is" : "are", version);
	return wb_findings_advise(f, r, "build %s %s", one ? "it" : "them", how);
}

static int check_missing(const struct wb_check_input *in, struct wb_findings *f)
{
	const char *version = in->choice->kernel->version;
	char *const *missing = in->target->modules.missing;
	_cleanup_free_ char *list = missing ? join_names(missing) : NULL;
	int r;

	if (!missing)
		return 0;
	if (!list)
		return -ENOMEM;
	if (in->target->n_initrd == 0)
		return wb_findings_add(
			f, WB_WARNING, "modules",
			"%s has no initramfs, and %s, which the root needs, %s not built "
			"into it: it may not find its root",
			version, list, wb_strv_length(missing) == 1 ? "is" : "are");
	r = wb_findings_add(f, WB_WARNING, "modules",
			    "the initramfs of %s lacks %s, which the root needs: it may "
			    "not find its root",
			    version, list);
	return wb_findings_advise(
		f, r,
		"make it anew with update-initramfs -u -k %s or dracut --force --kver %s",
		version, version);
}

static int check_foreign(const struct wb_check_input *in, struct wb_findings *f)
{
	const char *version = in->choice->kernel->version;
	_cleanup_free_ char *others = NULL;
	int r;

	if (!in->target->modules.foreign)
		return 0;
	others = join_names(in->target->initramfs.releases);
	if (!others)
		return -ENOMEM;
	r = wb_findings_add(f, WB_WARNING, "modules",
			    "the initramfs holds no modules of %s, only those of %s: "
			    "the next kernel may not find its root",
			    version, others);
	return wb_findings_advise(f, r, "name the right one with --initrd");
}

int wb_check_modules(const struct wb_check_input *in, struct wb_findings *f)
{
	const struct wb_target_modules *m = &in->target->modules;
	int r = check_foreign(in, f);

	if (r >= 0)
		r = check_missing(in, f);
	if (r >= 0)
		r = check_unbuilt(in, m->unbuilt_root, /* for_root= */ true, f);
	return r < 0 ? r : check_unbuilt(in, m->unbuilt, /* for_root= */ false, f);
}
