/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The image goes into memory for real, before anything is stopped. */

#include <errno.h>
#include <string.h>

#include "facts/kernel/stamp-file.h"
#include "facts/state.h"
#include "run/input.h"
#include "run/step.h"

static int call_kexec(struct wb_run *run, const struct wb_step *step, char *const *argv,
		      const int *fds, struct wb_result *result)
{
	struct wb_spawn_result end = { 0 };
	/* It has the files in memory, and the kernel has them once more. */
	int r = wb_step_spawn(run, step, argv, fds, /* expendable= */ true, "kexec",
			      &end);

	if (r < 0)
		return wb_step_fail(result, r, "cannot run %s: %s", argv[0],
				    strerror(-r));
	if (end.timed_out)
		r = wb_step_fail(result, -ETIMEDOUT, "%s %s did not come to an end",
				 argv[0], argv[1]);
	else if (end.status != 0)
		r = wb_step_fail(result, -EIO, "%s %s failed with status %d: %s", argv[0],
				 argv[1], end.status,
				 end.last_line ? end.last_line : "it gave no reason");
	wb_spawn_result_done(&end);
	return r;
}

static int open_input(struct wb_run *run, const struct wb_step *step,
		      const struct wb_input *input, struct wb_result *result)
{
	_cleanup_free_ char *why = NULL;
	int fd = wb_input_open(&run->sys->root, input, &why);

	return fd >= 0 ? fd
		       : wb_step_fail(result, fd, "cannot load %s: %s", step->target,
				      why ? why : strerror(-fd));
}

/* The program has its own copies when it ends: the memory is free again at once. */
static int call_with_inputs(struct wb_run *run, const struct wb_step *step,
			    struct wb_result *result)
{
	_cleanup_free_ int *fds = calloc(step->n_inputs + 1, sizeof(*fds));
	size_t n = 0;
	int r = 0;

	if (!fds)
		return wb_step_fail(result, -ENOMEM, "out of memory");
	for (size_t i = 0; r >= 0 && i < step->n_inputs; i++) {
		r = open_input(run, step, &step->inputs[i], result);
		if (r >= 0)
			fds[n++] = r;
	}
	if (r >= 0)
		r = call_kexec(run, step, step->argv, fds, result);
	while (n > 0)
		close(fds[--n]);
	return r;
}

/* What was planned, and shown, is what is loaded; or nothing. */
static int check_files(struct wb_run *run, const struct wb_step *step,
		       struct wb_result *result)
{
	for (size_t i = 0; i < step->n_files; i++) {
		const char *path = step->files[i].path;
		int r = wb_stamp_compare(&run->sys->root, &step->files[i]);

		if (r < 0)
			return wb_step_fail(result, r,
					    "cannot load %s: %s is not what it was when "
					    "it was looked at (%s); run warmboot again",
					    step->target, path, strerror(-r));
		if (r > 0)
			return wb_step_fail(result, -ESTALE,
					    "cannot load %s: %s changed since it was "
					    "looked at; run warmboot again",
					    step->target, path);
	}
	return 0;
}

static int load(struct wb_run *run, const struct wb_step *step, struct wb_result *result)
{
	int r = check_files(run, step, result);

	if (r >= 0)
		r = call_with_inputs(run, step, result);
	/* Once more: it may have changed while it was read. The image is unloaded then.
	 */
	if (r >= 0)
		r = check_files(run, step, result);
	if (r < 0)
		return r;
	/* The program's word is not enough: the kernel's counts. */
	if (wb_state_kexec_loaded(&run->sys->root) != 1)
		return wb_step_fail(result, -EIO,
				    "cannot load %s: %s reports success, but "
				    "/sys/kernel/kexec_loaded is not 1",
				    step->target, step->argv[0]);
	return 0;
}

static int unload(struct wb_run *run, const struct wb_step *step,
		  struct wb_result *result)
{
	int r;

	if (wb_state_kexec_loaded(&run->sys->root) != 1)
		return 1;
	r = call_kexec(run, step, step->undo_argv, /* fds= */ NULL, result);
	if (r < 0)
		return r;
	if (wb_state_kexec_loaded(&run->sys->root) != 0)
		return wb_step_fail(
			result, -EIO,
			"cannot unload %s: /sys/kernel/kexec_loaded is still 1",
			step->target);
	return 0;
}

const struct wb_step_ops wb_step_load_kernel = {
	.doing = "loading %s",
	.undoing = "unloading %s",
	/* The image may be on another machine. */
	.may_hang = true,
	.run = load,
	.undo = unload,
};
