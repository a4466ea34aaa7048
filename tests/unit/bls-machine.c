/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bls-machine.h"

#include <string.h>

#include "base/text.h"
#include "unit.h"

#define GUID "-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"

static char machine[] = "x86_64";

int bls_setup(void **state)
{
	struct bls_machine *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	fixture_init(&m->f);
	m->state.machine = machine;
	m->list.state = &m->state;
	*state = m;
	return 0;
}

int bls_teardown(void **state)
{
	struct bls_machine *m = *state;

	wb_kernels_done(&m->list);
	fixture_done(&m->f);
	free(m);
	return 0;
}

void bls_image(struct bls_machine *m, const char *path, const char *version)
{
	_cleanup_free_ char *modules = wb_format("lib/modules/%s", version);
	struct bytes image = image_bytes(version);

	fixture_bytes(&m->f, path, image.data, image.size);
	fixture_folder(&m->f, modules);
	bytes_done(&image);
}

void bls_efivar(struct bls_machine *m, const char *name, const char *value)
{
	_cleanup_free_ char *path = wb_format("sys/firmware/efi/efivars/%s" GUID, name);
	struct bytes b = { 0 };

	bytes_add(&b, "\x07\0\0", 4);
	for (; *value; value++)
		bytes_add(&b, (const char[]){ *value, '\0' }, 2);
	bytes_zeros(&b, 2);
	fixture_bytes(&m->f, path, b.data, b.size);
	bytes_done(&b);
}

void bls_entry(struct bls_machine *m, const char *top, const char *name,
	       const char *version)
{
	_cleanup_free_ char *path = wb_format("%s/loader/entries/%s.conf", top, name);
	_cleanup_free_ char *image = wb_format("%s/linux-%s", top, version);
	_cleanup_free_ char *initrd = wb_format("%s/initrd-%s", top, version);
	_cleanup_free_ char *text =
		wb_format("title Linux %s\nversion %s\nsort-key linux\n"
			  "linux /linux-%s\ninitrd /initrd-%s\n"
			  "options root=/dev/sda1 v=%s\n",
			  version, version, version, version, version);

	bls_image(m, image, version);
	fixture_file(&m->f, initrd, "x");
	fixture_file(&m->f, path, text);
}

void bls_read(struct bls_machine *m)
{
	wb_kernels_done(&m->list);
	assert_int_equal(wb_kernel_reader_bls.read(&m->f.root, &m->list), 0);
	assert_int_equal(wb_kernel_reader_uki.read(&m->f.root, &m->list), 0);
}

const struct wb_kernel *bls_find(const struct bls_machine *m, const char *id)
{
	for (size_t i = 0; i < m->list.n; i++)
		if (strcmp(m->list.items[i].id, id) == 0)
			return &m->list.items[i];
	fail_msg("there is no %s", id);
	return NULL;
}

void bls_assert_marks(struct bls_machine *m, const char *is_default, const char *oneshot)
{
	const char *found_default = NULL, *found_oneshot = NULL;

	bls_read(m);
	for (size_t i = 0; i < m->list.n; i++) {
		const struct wb_kernel *k = &m->list.items[i];

		assert_false(k->is_default && found_default);
		assert_false(k->oneshot && found_oneshot);
		found_default = k->is_default ? k->id : found_default;
		found_oneshot = k->oneshot ? k->id : found_oneshot;
	}
	assert_string_equal(found_default ? found_default : "none",
			    is_default ? is_default : "none");
	assert_string_equal(found_oneshot ? found_oneshot : "none",
			    oneshot ? oneshot : "none");
}

void bls_assert_problem(const struct bls_machine *m, const char *id, const char *part)
{
	const struct wb_kernel *k = bls_find(m, id);

	assert_non_null(k->problem);
	if (!strstr(k->problem, part))
		fail_msg("'%s' does not say '%s'", k->problem, part);
}
