/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Programs of EFI: unified kernel images, and what is none. */

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/bls/entry.h"
#include "facts/kernel/image-part.h"
#include "facts/kernel/piece.h"
#include "facts/kernel/uki.h"

/* --- what does not carry over ----------------------------------------------------- */

static const struct {
	const char *section, *what;
} lost_sections[] = {
	{ ".pcrsig", "its signed PCR values (.pcrsig): nothing measures a kernel that "
		     "kexec starts, and what is bound to them stays locked" },
	{ ".pcrpkey", "the key of its PCR values (.pcrpkey)" },
	{ ".dtb", "its device tree (.dtb): the running system's is used" },
	{ ".dtbauto", "its device trees (.dtbauto): the running system's is used" },
	{ ".efifw", "its firmware (.efifw)" },
	{ ".splash", "its splash image (.splash)" },
};

static const struct {
	const char *suffix, *before, *after;
} lost_files[] = {
	{ ".addon.efi", "the add-on", ", with any command line in it" },
	{ ".cred", "the credential", "" },
	{ ".raw", "the extension image", "" },
};

static int add_lost_file(const char *folder, const char *name, char ***lost)
{
	_cleanup_free_ char *path = wb_format("%s/%s", folder, name);

	if (!path)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(lost_files); i++) {
		_cleanup_free_ char *text = NULL;

		if (!wb_endswith(name, lost_files[i].suffix))
			continue;
		text = wb_format("%s %s%s", lost_files[i].before, path,
				 lost_files[i].after);
		return text ? wb_strv_append(lost, wb_clean_text(text)) : -ENOMEM;
	}
	return 0;
}

static int add_lost_folder(const struct wb_image_job *job, const char *folder)
{
	_cleanup_strv_ char **names = NULL;
	int r = folder ? wb_root_list(job->root, folder, &names) : -ENOMEM;

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **name = names; r >= 0 && name && *name; name++)
		r = add_lost_file(folder, *name, &job->image->lost);
	return r;
}

/* The folder beside the image has its name, with its boot counter or without. */
static int add_lost_beside(const struct wb_image_job *job)
{
	_cleanup_(wb_bls_entry_done) struct wb_bls_entry entry = { 0 };
	_cleanup_free_ char *folder = wb_format("%s.extra.d", job->path);
	const char *name = wb_basename(job->path);
	int r = add_lost_folder(job, folder);

	if (r < 0 || !wb_bls_entry_set_image(&entry, name))
		return r;
	if (!entry.name)
		return -ENOMEM;
	if (strcmp(entry.name, name) == 0)
		return 0;
	r = wb_set_format(&folder, "%.*s%s.extra.d", (int)(name - job->path), job->path,
			  entry.name);
	return r < 0 ? r : add_lost_folder(job, folder);
}

/* systemd-stub(7): beside the image, and for all images of its partition. */
static int add_lost_files(const struct wb_image_job *job)
{
	static const char *const folders[] = { "addons", "credentials", "extensions" };
	const char *end = strstr(job->path, "/EFI/Linux/");
	int r = add_lost_beside(job);

	for (size_t i = 0; r >= 0 && end && i < ARRAY_SIZE(folders); i++) {
		_cleanup_free_ char *folder =
			wb_format("%.*s/loader/%s", (int)(end - job->path), job->path,
				  folders[i]);

		r = add_lost_folder(job, folder);
	}
	return r;
}

static int find_lost(const struct wb_image_job *job, const struct wb_uki *uki)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(lost_sections); i++)
		if (wb_pe_find(&uki->pe, job->profile, lost_sections[i].section))
			r = wb_strv_append(&job->image->lost, lost_sections[i].what);
	return r < 0 ? r : add_lost_files(job);
}

/* --- what does -------------------------------------------------------------------- */

/* The kernel looks for microcode in the very first part. */
static int find_initrd(const struct wb_image_job *job, const struct wb_uki *uki)
{
	static const char *const sections[] = { ".ucode", ".initrd" };
	struct wb_image *image = job->image;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(sections); i++) {
		const struct wb_pe_section *s =
			wb_pe_find(&uki->pe, job->profile, sections[i]);

		if (s && s->size > 0)
			r = wb_pieces_add(&image->initrd, &image->n_initrd,
					  &(struct wb_piece){
						  .path = (char *)(uintptr_t)job->path,
						  .offset = s->offset,
						  .size = s->size,
					  });
	}
	return r;
}

/* Its stub makes one line of it: control characters are spaces. */
static void make_line(char *text)
{
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	wb_strip_end(wb_clean_text(text));
}

static int read_texts(const struct wb_image_job *job, const struct wb_uki *uki)
{
	static const char *const title[] = { "PRETTY_NAME", "IMAGE_ID", "NAME", "ID",
					     NULL };
	_cleanup_free_ char *release = NULL, *version = NULL;
	struct wb_image *image = job->image;
	int r = wb_uki_text(uki, job->profile, ".cmdline", &image->cmdline);

	if (r >= 0)
		r = wb_uki_text(uki, job->profile, ".osrel", &release);
	if (r >= 0 && release)
		r = wb_uki_release(release, title, &image->title);
	if (r >= 0)
		r = wb_uki_text(uki, job->profile, ".uname", &version);
	if (r < 0)
		return r;
	if (image->cmdline)
		make_line(image->cmdline);
	/* A path is made of it. */
	if (version && *version && !version[strcspn(version, "/ \t\r\n")])
		image->version = wb_make_printable(TAKE_PTR(version));
	return 0;
}

static int read_linux(const struct wb_image_job *job, const struct wb_image_view *view,
		      const struct wb_pe_section *section)
{
	_cleanup_free_ unsigned char *head = malloc(WB_IMAGE_HEAD);
	struct wb_image_view inner = { view->fd, section->offset,  section->size,
				       false,    WB_IMAGE_WRAPPER, head,
				       0 };
	struct wb_image *image = job->image;
	size_t size =
		section->size < WB_IMAGE_HEAD ? (size_t)section->size : WB_IMAGE_HEAD;
	ssize_t n =
		head ? wb_image_pread(view->fd, head, size, section->offset) : -ENOMEM;
	int r;

	if (n < 0)
		return (int)n;
	inner.head_size = (size_t)n;
	r = wb_image_parse(job, &inner);
	if (r < 0 || !image->problem)
		return r;
	return wb_set_format(&image->problem, "of the kernel in it: %s", image->problem);
}

static int read_uki(const struct wb_image_job *job, const struct wb_image_view *view,
		    const struct wb_uki *uki)
{
	const struct wb_pe_section *section =
		wb_pe_find(&uki->pe, job->profile, ".linux");
	int r;

	if (!section)
		return wb_set_format(&job->image->problem,
				     "it is an EFI program for %s with no kernel in it",
				     wb_pe_machine(&uki->pe));
	/* For which machine it is, the kernel says: a firmware of 32 bits wants a stub of
	 * its kind around one of 64. */
	job->image->unified = true;
	r = read_texts(job, uki);
	if (r >= 0)
		r = find_initrd(job, uki);
	if (r >= 0)
		r = find_lost(job, uki);
	return r < 0 ? r : read_linux(job, view, section);
}

/* --- the format ------------------------------------------------------------------- */

static bool is_efi(const struct wb_image_view *view)
{
	return wb_pe_is(view->head, view->head_size);
}

static int read_efi(const struct wb_image_job *job, const struct wb_image_view *view)
{
	_cleanup_free_ char *why = NULL;
	/* The file is the view's. */
	struct wb_uki uki = { .fd = view->fd };
	int r = wb_pe_parse(view->head, view->head_size, view->size, &uki.pe, &why);

	if (r == -EBADMSG)
		return wb_set_format(&job->image->problem,
				     "it is an EFI program that is damaged: %s", why);
	if (r >= 0)
		r = read_uki(job, view, &uki);
	wb_pe_done(&uki.pe);
	return r;
}

const struct wb_image_format wb_image_efi = { WB_IMAGE_PROGRAM, is_efi, read_efi };
