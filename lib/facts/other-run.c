/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/other-run.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/text.h"

/* The pid and the name that the holder wrote down. */
static int read_owner(const struct wb_root *root, uint64_t *ret_pid, char **ret_owner)
{
	_cleanup_free_ char *text = NULL;
	char *rest, *pid;
	int r = wb_root_read_line(root, WB_OWNER_PATH, &text);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	rest = text;
	pid = strsep(&rest, "\n");
	if (!rest || wb_parse_u64(pid, 10, ret_pid) < 0)
		return 0;
	*ret_owner = strdup(wb_make_printable(rest));
	return *ret_owner ? 0 : -ENOMEM;
}

/* Without rights the lock cannot be asked; what is written may be of one long gone. */
static bool still_runs(const struct wb_root *root, uint64_t pid)
{
	_cleanup_free_ char *path = wb_format("proc/%ju/comm", (uintmax_t)pid);
	_cleanup_free_ char *comm = NULL;

	return path && wb_root_read_line(root, path, &comm) >= 0 &&
	       strcmp(comm, "warmboot") == 0;
}

/*
 * A POSIX lock, because the kernel names its holder; open file description locks do
 * not. Only root may open the file: whoever can read it can lock it against us.
 */
static int read_lock(const struct wb_root *root, struct wb_state *state)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	_cleanup_close_ int fd = wb_root_openat(root, WB_LOCK_PATH, O_RDONLY);
	_cleanup_free_ char *owner = NULL;
	uint64_t pid = 0;
	int r;

	if (fd < 0 && fd != -EACCES)
		return 0;
	r = read_owner(root, &pid, &owner);
	if (r < 0)
		return r;
	if (fd < 0) {
		state->lock_pid = still_runs(root, pid) ? (pid_t)pid : 0;
	} else if (fcntl(fd, F_GETLK, &lock) >= 0 && lock.l_type != F_UNLCK) {
		state->lock_pid = lock.l_pid;
	}
	if (state->lock_pid != 0)
		state->lock_owner = TAKE_PTR(owner);
	return 0;
}

static bool any_step_runs(struct json_object *record)
{
	struct json_object *results = wb_json_get_array(record, "results");
	bool runs = false;

	for (size_t i = 0; !runs && results && i < json_object_array_length(results);
	     i++) {
		struct json_object *o = json_object_array_get_idx(results, i);
		_cleanup_free_ char *outcome = NULL;

		runs = o && json_object_is_type(o, json_type_object) &&
		       wb_json_get_string(o, "outcome", &outcome) >= 0 && outcome &&
		       strcmp(outcome, "running") == 0;
	}
	return runs;
}

int wb_other_run_left_something(struct json_object *record)
{
	_cleanup_free_ char *end = NULL;

	if (!record || !json_object_is_type(record, json_type_object) ||
	    wb_json_get_string(record, "end", &end) < 0 || !end)
		return -EINVAL;
	/* It says that it goes on, and nobody has the lock; or its undo failed; or it was
	 * killed before systemd had taken the machine over. */
	return strcmp(end, "running") == 0 || strcmp(end, "not-undone") == 0 ||
	       (strcmp(end, "handed-over") == 0 && any_step_runs(record));
}

/* The id of the run of a record that leaves something to undo; "" where there is nothing,
 * NULL where that cannot be known. The caller's. */
static char *unfinished_id(const char *text)
{
	_cleanup_json_ struct json_object *o = json_tokener_parse(text);
	_cleanup_free_ char *id = NULL;
	int r = wb_other_run_left_something(o);

	if (r <= 0)
		return r < 0 ? NULL : strdup("");
	if (wb_json_get_string(o, "id", &id) < 0 || !id)
		return NULL;
	return strdup(wb_make_printable(id));
}

/* Who may not read it cannot run anything, either. */
static bool hides_nothing(int error)
{
	return error == -ENOENT || error == -ENOTDIR || error == -EACCES;
}

static int read_unfinished(const struct wb_root *root, struct wb_state *state)
{
	_cleanup_free_ char *text = NULL, *id = NULL;
	int r;

	if (state->lock_pid != 0)
		return 0;
	r = wb_root_read(root, WB_LIVE_PATH, &text, NULL);
	if (r == -ENOMEM || hides_nothing(r))
		return r == -ENOMEM ? r : 0;
	id = r < 0 ? NULL : unfinished_id(text);
	if (id && !*id)
		return 0;
	/* A record that cannot be read is no proof that there is nothing to undo. */
	state->unfinished = id ? TAKE_PTR(id) : strdup("of an unknown id");
	return state->unfinished ? 0 : -ENOMEM;
}

int wb_other_run_read(const struct wb_root *root, struct wb_state *state)
{
	int r = read_lock(root, state);

	return r < 0 ? r : read_unfinished(root, state);
}
