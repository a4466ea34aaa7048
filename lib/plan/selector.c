/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/selector.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "base/text.h"
#include "base/version.h"
#include "facts/grub/script.h"

/* Is @k meant by @word? */
typedef bool (*match_fn)(const struct wb_kernel *k, const char *word);

static bool is_running(const struct wb_kernel *k, const char *word)
{
	(void)word;
	return k->running;
}

static bool is_oneshot(const struct wb_kernel *k, const char *word)
{
	(void)word;
	return k->oneshot;
}

static bool is_default(const struct wb_kernel *k, const char *word)
{
	(void)word;
	return k->is_default;
}

static bool has_path(const struct wb_kernel *k, const char *word)
{
	return k->linux && strcmp(k->linux, word) == 0;
}

static bool has_id(const struct wb_kernel *k, const char *word)
{
	return strcmp(k->id, word) == 0;
}

static bool has_title(const struct wb_kernel *k, const char *word)
{
	return strcmp(k->title, word) == 0;
}

/* As in GRUB_DEFAULT; a number alone is too near to a version. */
static bool has_way(const struct wb_kernel *k, const char *word)
{
	return k->way && strchr(word, '>') && wb_grub_way_is(k->way, word);
}

static bool has_version(const struct wb_kernel *k, const char *word)
{
	return k->version && strcmp(k->version, word) == 0;
}

static bool fits_glob(const struct wb_kernel *k, const char *word)
{
	return fnmatch(word, k->id, 0) == 0 || fnmatch(word, k->title, 0) == 0 ||
	       (k->version && fnmatch(word, k->version, 0) == 0);
}

static bool same_string(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Two rows that would boot the same are no question to anybody. */
static bool boots_the_same(const struct wb_kernel *a, const struct wb_kernel *b)
{
	char *const *x = a->initrd, *const *y = b->initrd;

	if (!same_string(a->linux, b->linux) || a->profile != b->profile ||
	    !same_string(a->options, b->options))
		return false;
	for (; x && y && *x && *y; x++, y++)
		if (strcmp(*x, *y) != 0)
			return false;
	return (!x || !*x) && (!y || !*y);
}

static void add(struct wb_selection *s, const struct wb_kernel *k)
{
	for (size_t i = 0; i < s->n; i++)
		if (boots_the_same(s->items[i], k))
			return;
	s->items[s->n++] = k;
}

/* One way to understand a word. The first way that finds anything counts. */
struct way {
	const char *word; /* only for this word; NULL: for any other */
	match_fn match;
	bool first; /* the boot loader's order decides between several */
	const char *because;
	bool named; /* see struct wb_selection */
};

static const struct way ways[] = {
	{ "running", is_running, true, "the running kernel is started again", false },
	{ "default", is_oneshot, true, "the boot loader would start it next, once",
	  false },
	{ "default", is_default, true, "the boot loader starts it by default", false },
	{ NULL, has_path, true, "named by its path with", true },
	{ NULL, has_id, false, "named by its id with", true },
	{ NULL, has_title, false, "named by its title with", true },
	{ NULL, has_way, false, "named by its place in GRUB's menu with", true },
	/* Of a version's entries the first is the plain one; recovery comes after. */
	{ NULL, has_version, true, "named by its version with", true },
	{ NULL, fits_glob, false, "it fits the pattern given with", true },
};

static bool is_keyword(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		if (ways[i].word && strcmp(ways[i].word, word) == 0)
			return true;
	return false;
}

static void try_way(const struct wb_facts *facts, const struct way *way, const char *word,
		    struct wb_selection *s)
{
	for (size_t i = 0; i < facts->n_kernels; i++)
		if (way->match(&facts->kernels[i], word) && !(way->first && s->n > 0))
			add(s, &facts->kernels[i]);
	s->because = way->because;
	s->named = way->named;
}

/* The same kernel, built to look for faults: Fedora's and SUSE's names for it. */
static bool is_debug(const char *version)
{
	return wb_endswith(version, "+debug") || wb_endswith(version, "-debug");
}

/* The kernel's own sign for what comes before a release is '-', the specification's '~'.
 * NULL without memory. */
static char *order_key(const char *version)
{
	char *key = strdup(version), *rc = key ? strstr(key, "-rc") : NULL;

	if (rc)
		*rc = '~';
	if (key && is_debug(key))
		key[strlen(key) - strlen("+debug")] = '\0';
	return key;
}

/* Of one version that without "debug" counts as the later one: the other is slow. */
static int is_later(const char *a, const char *b, bool *ret)
{
	_cleanup_free_ char *x = order_key(a), *y = order_key(b);
	int r;

	if (!x || !y)
		return -ENOMEM;
	r = wb_version_compare(x, y);
	*ret = r > 0 || (r == 0 && is_debug(b) && !is_debug(a));
	return 0;
}

/* The highest version that can be started; of its entries the first. */
static int find_latest(const struct wb_facts *facts, struct wb_selection *s)
{
	const struct wb_kernel *best = NULL;
	bool later = true;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < facts->n_kernels; i++) {
		const struct wb_kernel *k = &facts->kernels[i];

		if (!k->version || k->problem || k->bad)
			continue;
		if (best)
			r = is_later(k->version, best->version, &later);
		if (later)
			best = k;
	}
	if (best)
		s->items[s->n++] = best;
	s->because = "it has the highest version here";
	return r;
}

int wb_select(const struct wb_facts *facts, const char *word, struct wb_selection *ret)
{
	struct wb_selection s = { 0 };
	bool keyword;
	int r = 0;

	word = word ? word : "running";
	keyword = is_keyword(word);
	s.items = calloc(facts->n_kernels + 1, sizeof(*s.items));
	if (!s.items)
		return -ENOMEM;
	if (strcmp(word, "latest") == 0)
		r = find_latest(facts, &s);
	else
		for (size_t i = 0; s.n == 0 && i < ARRAY_SIZE(ways); i++)
			if (keyword ? ways[i].word && strcmp(ways[i].word, word) == 0
				    : !ways[i].word)
				try_way(facts, &ways[i], word, &s);
	if (r < 0)
		free(s.items);
	else
		*ret = s;
	return r;
}
