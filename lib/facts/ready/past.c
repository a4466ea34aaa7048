/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * How this boot came about: a chain of records, each of which names the boot it began in
 * and the one that came up. They begin with these members (run/record.c), and a hundred
 * of them are read here for each plan, so they are searched, not parsed.
 */

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "facts/cmdline.h"
#include "facts/ready/ready-part.h"

#define FOLDER "var/lib/warmboot"
#define SUFFIX ".json"

struct link {
	char *from, *to; /* ids of boots; NULL: not known */
	uint64_t started_usec;
};

struct chain {
	struct link *links;
	size_t n;
};

static void chain_done(struct chain *chain)
{
	for (size_t i = 0; i < chain->n; i++) {
		free(chain->links[i].from);
		free(chain->links[i].to);
	}
	free(chain->links);
}

static int find_text(const char *text, const char *key, char **ret)
{
	const char *value = strstr(text, key);

	*ret = NULL;
	if (!value)
		return 0;
	value += strlen(key);
	*ret = strndup(value, strcspn(value, "\""));
	return *ret ? 0 : -ENOMEM;
}

static uint64_t find_number(const char *text, const char *key)
{
	const char *value = strstr(text, key);
	char digits[24] = "";
	uint64_t number = 0;
	size_t n;

	if (!value)
		return 0;
	value += strlen(key);
	n = strspn(value, "0123456789");
	if (n >= sizeof(digits))
		return 0;
	memcpy(digits, value, n);
	return wb_parse_u64(digits, 10, &number) < 0 ? 0 : number;
}

static int add_link(const struct wb_root *root, const char *name, struct chain *chain)
{
	_cleanup_free_ char *path = wb_format(FOLDER "/%s", name), *text = NULL;
	struct link *l = &chain->links[chain->n];
	int r = path ? wb_root_read(root, path, &text, NULL) : -ENOMEM;

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	chain->n++;
	l->started_usec = find_number(text, "\"started_usec\":");
	r = find_text(text, "\"boot_id\":\"", &l->from);
	return r < 0 ? r : find_text(text, "\"confirmed_boot_id\":\"", &l->to);
}

static int read_chain(const struct wb_root *root, struct chain *ret)
{
	_cleanup_strv_ char **names = NULL;
	int r = wb_root_list(root, FOLDER, &names);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	ret->links = calloc(wb_strv_length(names) + 1, sizeof(*ret->links));
	if (!ret->links)
		return -ENOMEM;
	r = 0;
	for (char **p = names; r >= 0 && p && *p; p++)
		if (**p != '.' && wb_endswith(*p, SUFFIX))
			r = add_link(root, *p, ret);
	return r;
}

static const struct link *link_to(const struct chain *chain, const char *boot)
{
	for (size_t i = 0; boot && i < chain->n; i++)
		if (chain->links[i].to && strcmp(chain->links[i].to, boot) == 0)
			return &chain->links[i];
	return NULL;
}

/* "12345.67 ..." */
static uint64_t read_uptime(const struct wb_root *root)
{
	_cleanup_free_ char *text = NULL;
	uint64_t seconds = 0;

	if (wb_root_read_line(root, "proc/uptime", &text) < 0)
		return 0;
	text[strcspn(text, ".")] = '\0';
	return wb_parse_u64(text, 10, &seconds) < 0 ? 0 : seconds * USEC_PER_SEC;
}

/* No chain is longer than there are records, unless one of them is damaged. */
static void follow(const struct chain *chain, const char *boot, struct wb_ready *ready)
{
	const struct link *last = link_to(chain, boot), *first = last;
	unsigned int n = 0;

	for (const struct link *l = last; l && n < chain->n && (l != last || n == 0);
	     l = link_to(chain, l->from)) {
		first = l;
		n++;
	}
	/* A run led here, even where its boot has not been confirmed yet. */
	ready->warm_boots = n > 0 ? n : 1;
	if (last && first->started_usec <= last->started_usec)
		ready->warm_usec = last->started_usec - first->started_usec;
}

int wb_ready_past(const struct wb_root *root, struct wb_ready *ready)
{
	_cleanup_free_ char *cmdline = NULL, *id = NULL, *boot = NULL;
	_cleanup_(chain_done) struct chain chain = { 0 };
	int r = wb_root_read_line(root, "proc/cmdline", &cmdline);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	id = wb_cmdline_get(cmdline, "warmboot.id");
	if (!id)
		return 0;
	r = wb_root_read_line(root, "proc/sys/kernel/random/boot_id", &boot);
	if (r == -ENOMEM)
		return r;
	r = read_chain(root, &chain);
	if (r < 0)
		return r;
	follow(&chain, boot, ready);
	ready->warm_usec += read_uptime(root);
	return 0;
}
