/* SPDX-License-Identifier: GPL-2.0-or-later */

/* grub-core/commands/test.c */

#include "facts/grub/test.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "facts/grub/exec.h"

#define DEPTH_MAX 20

struct cursor {
	const struct wb_grub_exec *x;
	const struct wb_grub_arg *args;
	size_t n, pos;
	unsigned int depth;
	int error;
};

static enum wb_grub_truth truth(bool b)
{
	return b ? WB_GRUB_TRUE : WB_GRUB_FALSE;
}

enum wb_grub_truth wb_grub_not(enum wb_grub_truth a)
{
	return a == WB_GRUB_UNKNOWN ? a : truth(a == WB_GRUB_FALSE);
}

static enum wb_grub_truth and (enum wb_grub_truth a, enum wb_grub_truth b) {
	if (a == WB_GRUB_FALSE || b == WB_GRUB_FALSE) return WB_GRUB_FALSE;
	return a == WB_GRUB_TRUE ? b : a;
}

static enum wb_grub_truth or (enum wb_grub_truth a, enum wb_grub_truth b) {
	return wb_grub_not(and(wb_grub_not(a), wb_grub_not(b)));
}

static bool is(const struct wb_grub_arg *arg, const char *text)
{
	return arg->n_unknown == 0 && strcmp(arg->text, text) == 0;
}

/* Of folders nothing is known. */
static enum wb_grub_truth look(struct cursor *c, const char *op,
			       const struct wb_grub_arg *path)
{
	_cleanup_free_ char *text = NULL;
	int r = strcmp(op, "-d") == 0 ? -ENODATA : wb_grub_look(c->x, path, &text);

	if (r == -ENOMEM)
		c->error = r;
	if (r == 1 && strcmp(op, "-s") == 0)
		return text ? truth(*text) : WB_GRUB_UNKNOWN;
	return r < 0 ? WB_GRUB_UNKNOWN : truth(r);
}

/* Two are known by their names: $prefix is the folder of the script. */
static enum wb_grub_truth test_file(struct cursor *c, const char *op,
				    const struct wb_grub_arg *path)
{
	const struct wb_grub_input *input = c->x->input;
	const struct {
		const char *name, *text;
	} files[] = { { "/grubenv", input->grubenv }, { "/custom.cfg", input->custom } };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		if (!wb_endswith(path->text, files[i].name))
			continue;
		if (strcmp(op, "-d") == 0)
			return WB_GRUB_FALSE;
		return truth(files[i].text && (strcmp(op, "-s") != 0 || *files[i].text));
	}
	return look(c, op, path);
}

/* Text next to what is not known is known not to be empty. */
static enum wb_grub_truth is_set(const struct wb_grub_arg *arg)
{
	if (arg->size > 0)
		return WB_GRUB_TRUE;
	return arg->n_unknown > 0 ? WB_GRUB_UNKNOWN : WB_GRUB_FALSE;
}

/* In "x$a = xy" the parts that are known may decide it: no value makes it true. */
static bool never_equal(const struct wb_grub_arg *a, const struct wb_grub_arg *b)
{
	return a->n_unknown > 0 && b->n_unknown == 0 && a->size > b->size;
}

static enum wb_grub_truth are_equal(const struct wb_grub_arg *a,
				    const struct wb_grub_arg *b)
{
	if (a->n_unknown == 0 && b->n_unknown == 0)
		return truth(strcmp(a->text, b->text) == 0);
	if (never_equal(a, b) || never_equal(b, a))
		return WB_GRUB_FALSE;
	return WB_GRUB_UNKNOWN;
}

static enum wb_grub_truth compare_numbers(const char *op, const struct wb_grub_arg *a,
					  const struct wb_grub_arg *b)
{
	static const struct {
		const char *op;
		bool less, equal, greater;
	} ops[] = {
		{ "-eq", false, true, false }, { "-ne", true, false, true },
		{ "-lt", true, false, false }, { "-le", true, true, false },
		{ "-gt", false, false, true }, { "-ge", false, true, true },
	};
	uint64_t x, y;

	if (a->n_unknown > 0 || b->n_unknown > 0 || wb_parse_u64(a->text, 10, &x) < 0 ||
	    wb_parse_u64(b->text, 10, &y) < 0)
		return WB_GRUB_UNKNOWN;
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		if (strcmp(op, ops[i].op) == 0)
			return truth(x < y    ? ops[i].less
				     : x == y ? ops[i].equal
					      : ops[i].greater);
	return WB_GRUB_UNKNOWN;
}

static bool is_binary(const struct wb_grub_arg *op)
{
	static const char *const ops[] = { "=",   "==",   "!=",   "<",   "<=",  ">",
					   ">=",  "-eq",  "-ne",  "-lt", "-le", "-gt",
					   "-ge", "-pgt", "-plt", "-nt", "-ot" };

	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		if (is(op, ops[i]))
			return true;
	return false;
}

static enum wb_grub_truth test_binary(const struct wb_grub_arg *a, const char *op,
				      const struct wb_grub_arg *b)
{
	if (strcmp(op, "=") == 0 || strcmp(op, "==") == 0)
		return are_equal(a, b);
	if (strcmp(op, "!=") == 0)
		return wb_grub_not(are_equal(a, b));
	return compare_numbers(op, a, b);
}

static bool is_unary(const struct wb_grub_arg *op)
{
	return op->n_unknown == 0 && op->size == 2 && op->text[0] == '-' &&
	       strchr("defsnz", op->text[1]);
}

static enum wb_grub_truth test_unary(struct cursor *c, const char *op,
				     const struct wb_grub_arg *arg)
{
	if (strcmp(op, "-n") == 0)
		return is_set(arg);
	if (strcmp(op, "-z") == 0)
		return wb_grub_not(is_set(arg));
	return test_file(c, op, arg);
}

static enum wb_grub_truth any(struct cursor *c);

static enum wb_grub_truth primary(struct cursor *c)
{
	const struct wb_grub_arg *a = &c->args[c->pos];
	size_t left = c->n - c->pos;
	enum wb_grub_truth inner;

	if (left >= 3 && is_binary(a + 1)) {
		c->pos += 3;
		return test_binary(a, a[1].text, a + 2);
	}
	if (left >= 2 && is_unary(a)) {
		c->pos += 2;
		return test_unary(c, a->text, a + 1);
	}
	c->pos++;
	if (left < 2 || (!is(a, "!") && !is(a, "(")))
		return is_set(a);
	if (++c->depth > DEPTH_MAX) {
		c->pos = c->n;
		return WB_GRUB_UNKNOWN;
	}
	if (is(a, "!"))
		return wb_grub_not(primary(c));
	inner = any(c);
	if (c->pos < c->n && is(&c->args[c->pos], ")"))
		c->pos++;
	return inner;
}

static enum wb_grub_truth all(struct cursor *c)
{
	enum wb_grub_truth t = WB_GRUB_TRUE;

	while (c->pos < c->n && !is(&c->args[c->pos], "-o") &&
	       !is(&c->args[c->pos], ")")) {
		if (is(&c->args[c->pos], "-a"))
			c->pos++;
		else
			t = and(t, primary(c));
	}
	return t;
}

static enum wb_grub_truth any(struct cursor *c)
{
	enum wb_grub_truth t = all(c);

	while (c->pos < c->n && is(&c->args[c->pos], "-o")) {
		c->pos++;
		t = or (t, all(c));
	}
	return t;
}

int wb_grub_test(const struct wb_grub_exec *x, const struct wb_grub_arg *args, size_t n,
		 enum wb_grub_truth *ret)
{
	struct cursor c = { .x = x, .args = args, .n = n };

	/* GRUB says of "[ ]" that it is false. */
	*ret = n == 0 ? WB_GRUB_FALSE : any(&c);
	return c.error;
}
