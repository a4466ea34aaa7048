/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/console.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"

#define FOLDER "sys/class/vtconsole"

static void console_done(struct wb_console *c)
{
	free(c->name);
	free(c->title);
}

static int read_console(const struct wb_root *root, const char *name,
			struct wb_console *ret)
{
	_cleanup_free_ char *title_path = wb_format(FOLDER "/%s/name", name);
	_cleanup_free_ char *bind_path = wb_format(FOLDER "/%s/bind", name);
	_cleanup_free_ char *bind = NULL;
	struct wb_console c = { .name = strdup(name) };
	int r = title_path && bind_path && c.name ? 0 : -ENOMEM;

	if (r >= 0)
		r = wb_root_read_line(root, title_path, &c.title);
	if (r >= 0)
		r = wb_root_read_line(root, bind_path, &bind);
	if (r < 0) {
		console_done(&c);
		return r;
	}
	c.bound = strcmp(bind, "1") == 0;
	*ret = c;
	return 0;
}

int wb_consoles_read(const struct wb_root *root, struct wb_console **ret, size_t *ret_n)
{
	_cleanup_strv_ char **names = NULL;
	struct wb_console *consoles;
	size_t n = 0;
	int r = wb_root_list(root, FOLDER, &names);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	consoles = calloc(wb_strv_length(names) + 1, sizeof(*consoles));
	if (!consoles)
		return -ENOMEM;
	for (char **name = names; name && *name; name++) {
		r = read_console(root, *name, &consoles[n]);
		if (r == -ENOMEM) {
			wb_consoles_free(consoles, n);
			return r;
		}
		if (r >= 0)
			n++;
	}
	*ret = consoles;
	*ret_n = n;
	return 0;
}

void wb_consoles_free(struct wb_console *consoles, size_t n)
{
	for (size_t i = 0; i < n; i++)
		console_done(&consoles[i]);
	free(consoles);
}

bool wb_console_is_framebuffer(const struct wb_console *console)
{
	/* drivers/tty/vt/vt.c, show_name(): only "(M)", modular, ones can be unbound. */
	return strcmp(console->title, "(M) frame buffer device") == 0;
}

bool wb_console_is_system(const struct wb_console *console)
{
	return wb_startswith(console->title, "(S) ");
}
