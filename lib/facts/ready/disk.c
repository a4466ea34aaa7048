/* SPDX-License-Identifier: GPL-2.0-or-later */

/* File systems of other machines, arrays that are being rebuilt, and volumes that the TPM
 * unlocks. */

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "facts/bls/efivar.h"
#include "facts/mount.h"
#include "facts/ready/ready-part.h"
#include "sys/answer.h"

/* --- what may not answer ------------------------------------------------------------ */

#define ANSWER_USEC (2 * USEC_PER_SEC)
/* Once one is dead, the others are likely to be of the same server. */
#define HURRY_USEC (200 * USEC_PER_MSEC)

static const char *const network_types[] = {
	"nfs",         "nfs4",      "cifs",      "smb3",           "ceph",
	"9p",          "afs",       "glusterfs", "fuse.glusterfs", "fuse.sshfs",
	"fuse.rclone", "fuse.s3fs", "lustre",    "fuse.cephfs",
};

static bool is_of_network(const struct wb_mount *m)
{
	for (size_t i = 0; i < ARRAY_SIZE(network_types); i++)
		if (strcmp(m->type, network_types[i]) == 0)
			return true;
	return false;
}

static int read_mounts(const struct wb_root *root, struct wb_ready *ready)
{
	struct wb_mounts mounts = { 0 };
	int r = wb_mounts_read(root, &mounts);

	for (size_t i = 0; r >= 0 && i < mounts.n; i++) {
		const struct wb_mount *m = &mounts.items[i];

		if (!is_of_network(m) || wb_mounts_at(&mounts, m->path) != m)
			continue;
		if (wb_root_answers(root, m->path,
				    ready->dead_mounts ? HURRY_USEC : ANSWER_USEC) < 0)
			r = wb_strv_appendf(&ready->dead_mounts, "%s (%s)", m->path,
					    m->type);
	}
	wb_mounts_done(&mounts);
	return r;
}

/* --- arrays ------------------------------------------------------------------------- */

/* Documentation/admin-guide/md.rst: "123456 / 1000000", in sectors. */
static int percent(const char *text)
{
	_cleanup_strv_ char **words = NULL;
	uint64_t done, all;

	if (wb_strv_split_words(&words, text) < 0 || wb_strv_length(words) != 3 ||
	    wb_parse_u64(words[0], 10, &done) < 0 ||
	    wb_parse_u64(words[2], 10, &all) < 0 || all == 0 || done > all)
		return -1;
	return (int)((double)done * 100 / (double)all);
}

static int read_array(const struct wb_root *root, const char *name,
		      struct wb_ready *ready)
{
	static const char *const rebuilding[] = { "resync", "recover", "reshape" };
	_cleanup_free_ char *path = wb_format("sys/block/%s/md/sync_action", name);
	_cleanup_free_ char *action = NULL, *completed = NULL;
	bool is_busy = false;
	int r, part = -1;

	r = path ? wb_root_read_line(root, path, &action) : -ENOMEM;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (size_t i = 0; i < ARRAY_SIZE(rebuilding); i++)
		is_busy = is_busy || strcmp(action, rebuilding[i]) == 0;
	if (!is_busy)
		return 0;
	if (wb_set_format(&path, "sys/block/%s/md/sync_completed", name) < 0)
		return -ENOMEM;
	if (wb_root_read_line(root, path, &completed) >= 0)
		part = percent(completed);
	if (part < 0)
		return wb_strv_appendf(&ready->arrays, "%s: %s", name, action);
	return wb_strv_appendf(&ready->arrays, "%s: %s, %d %%", name, action, part);
}

static int read_arrays(const struct wb_root *root, struct wb_ready *ready)
{
	_cleanup_strv_ char **names = NULL;
	int r = wb_root_list(root, "sys/block", &names);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **p = names; r >= 0 && p && *p; p++)
		if (wb_startswith(*p, "md"))
			r = read_array(root, *p, ready);
	return r;
}

/* --- the TPM ------------------------------------------------------------------------ */

/* crypttab(5): "NAME DEVICE KEY tpm2-device=auto,...". */
static int read_crypttab_line(const char *line, char ***volumes)
{
	_cleanup_strv_ char **words = NULL, **options = NULL;
	int r = *line == '#' ? 0 : wb_strv_split_words(&words, line);

	if (r < 0 || wb_strv_length(words) < 4)
		return r;
	r = wb_strv_split(&options, words[3]);
	for (char **p = options; r >= 0 && p && *p; p++) {
		const char *device = wb_startswith(*p, "tpm2-device=");

		if (device && *device)
			return wb_strv_add(volumes, words[0]);
	}
	return r;
}

static int read_crypttab(const struct wb_root *root, const char *path, char ***volumes)
{
	_cleanup_free_ char *text = NULL;
	int r = wb_root_read(root, path, &text, NULL);
	char *line, *rest = text;

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	while (r >= 0 && (line = strsep(&rest, "\n")))
		r = read_crypttab_line(line + strspn(line, " \t"), volumes);
	return r;
}

/* systemd-stub(7): which PCR it measured the image into, where it did. */
static int read_measured(const struct wb_root *root, struct wb_ready *ready)
{
	_cleanup_free_ char *pcr = NULL;
	int r = wb_efivar_get(root, "StubPcrKernelImage", &pcr);

	ready->measured = pcr;
	return r;
}

int wb_ready_disks(const struct wb_root *root, struct wb_ready *ready)
{
	int r = read_mounts(root, ready);

	if (r >= 0)
		r = read_arrays(root, ready);
	if (r >= 0)
		r = read_crypttab(root, "etc/crypttab", &ready->tpm_volumes);
	return r < 0 ? r : read_measured(root, ready);
}
