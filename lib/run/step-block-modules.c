/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Nobody loads these modules again while they are taken away: an event of a device, or a
 * program that opens one. The undo lifts it before modules are loaded and not, as its
 * place would have it, after them: to load them past the block would mean to pass over
 * all install commands of modprobe.d(5), and the NVIDIA modules of Debian can be loaded
 * by nothing else.
 */

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "run/step.h"

/* Of several install commands of a module the first one counts, in the order of the
 * names of the files. In /run, so that no boot finds it. */
#define FOLDER "run/modprobe.d"

/* A name can end neither the line nor the command. */
static bool is_name(const char *s)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_-";

	return *s && s[strspn(s, letters)] == '\0';
}

/* A file of its own for each step: what one lifts, another may still need. The name of a
 * hook is that of a file. */
static bool is_hook(const struct wb_step *step)
{
	return !strchr(step->target, '/');
}

static char *make_path(const struct wb_step *step)
{
	return wb_format(FOLDER "/00-warmboot-%s.conf", step->target);
}

static int make_text(const struct wb_step *step, struct wb_result *result, char **ret)
{
	_cleanup_strv_ char **lines = NULL;
	int r = wb_strv_append(&lines, "# warmboot: gone when its run has ended");

	for (char **p = step->modules; r >= 0 && p && *p; p++) {
		if (!is_name(*p))
			return wb_step_fail(result, -EINVAL,
					    "cannot block a module: the plan has a name "
					    "that is none");
		r = wb_strv_appendf(&lines, "install %s /bin/false", *p);
	}
	/* The last line needs its end, too. */
	if (r >= 0)
		r = wb_strv_append(&lines, "");
	if (r >= 0)
		*ret = wb_strv_join(lines, "\n");
	return r < 0 ? r : *ret ? 0 : -ENOMEM;
}

static int block(struct wb_run *run, const struct wb_step *step, struct wb_result *result)
{
	_cleanup_free_ char *text = NULL, *path = make_path(step);
	int r = path ? make_text(step, result, &text) : -ENOMEM;

	if (r >= 0 && !is_hook(step))
		return wb_step_fail(result, -EINVAL,
				    "cannot block modules for %s: that is no hook",
				    step->target);
	if (r < 0)
		return r;
	r = wb_root_replace(&run->sys->root, path, text);
	if (r < 0)
		return wb_step_fail(result, r, "cannot block modules by /%s: %s", path,
				    strerror(-r));
	return 0;
}

static int lift(struct wb_run *run, const struct wb_step *step, struct wb_result *result)
{
	_cleanup_free_ char *path = make_path(step);
	int r;

	if (!path)
		return -ENOMEM;
	/* Nothing was blocked for it. */
	if (!is_hook(step))
		return 1;
	r = wb_root_remove(&run->sys->root, path);
	if (r < 0 && r != -ENOENT)
		return wb_step_fail(result, r, "cannot remove /%s: %s", path,
				    strerror(-r));
	return 0;
}

const struct wb_step_ops wb_step_block_modules = {
	.doing = "blocking the loading of %s",
	.undoing = "allowing the loading of %s again",
	.undo_first = true,
	.run = block,
	.undo = lift,
};
