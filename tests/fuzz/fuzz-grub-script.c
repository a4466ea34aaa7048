/* SPDX-License-Identifier: GPL-2.0-or-later */

/* grub.cfg, then behind a NUL its grubenv, then its custom.cfg. Any other file that it
 * reads is grub.cfg again, for a path of even length. */

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "facts/grub/script.h"
#include "fuzz.h"

static bool is_in(const struct wb_grub_menu *menu, const struct wb_grub_entry *entry)
{
	for (size_t i = 0; i < menu->n; i++)
		if (entry == &menu->entries[i] || is_in(&menu->entries[i].submenu, entry))
			return true;
	return false;
}

static void check(const struct wb_grub_menu *menu)
{
	for (size_t i = 0; i < menu->n; i++) {
		const struct wb_grub_entry *e = &menu->entries[i];

		CHECK(e->title);
		CHECK(!e->tokens);
		CHECK(e->is_submenu || e->submenu.n == 0);
		CHECK(!e->is_submenu || (!e->linux && !e->initrd && !e->options));
		CHECK(!e->options == !e->linux);
		CHECK(e->is_submenu || !e->conditional || e->problem);
		check(&e->submenu);
	}
}

static int look(void *userdata, const char *uuid, const char *path, char **ret)
{
	CHECK(path && *path == '/');
	if (strlen(path) % 2)
		return uuid && *uuid ? -ENODATA : 0;
	*ret = strdup(userdata);
	return *ret ? 1 : -ENOMEM;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text(data, size);
	_cleanup_(wb_grub_script_done) struct wb_grub_script script = { 0 };
	struct wb_grub_input input = { .text = text, .look = look, .userdata = text };
	const struct wb_grub_entry *entry = NULL;
	const char *end = text + size, *p = text + strlen(text);
	enum wb_grub_choice choice;

	if (p < end) {
		input.grubenv = p + 1;
		p += 1 + strlen(p + 1);
	}
	if (p < end)
		input.custom = p + 1;
	CHECK(wb_grub_script_read(&input, &script) == 0);
	check(&script.menu);
	choice = wb_grub_script_default(&script, &entry);
	CHECK(!entry == (choice == WB_GRUB_NONE));
	if (entry)
		CHECK(is_in(&script.menu, entry) && !entry->is_submenu && !entry->cut);
	choice = wb_grub_script_later(&script, &entry);
	CHECK(!entry == (choice == WB_GRUB_NONE));
	if (entry)
		CHECK(is_in(&script.menu, entry) && !entry->is_submenu && !entry->cut);
	return 0;
}
