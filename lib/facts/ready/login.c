/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * logind's inhibitors and sessions. Of the machine itself its bus tells the first; a
 * folder has the files in which logind keeps them (src/login/logind-inhibit.c,
 * logind-session.c), and so has a machine whose bus does not answer.
 */

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/ready/ready-part.h"
#include "sys/bus.h"

#define INHIBITORS "run/systemd/inhibit"
#define SESSIONS   "run/systemd/sessions"
/* loginuid(5): nobody logged in. */
#define UID_NONE UINT32_MAX

/* --- inhibitors --------------------------------------------------------------------- */

static const struct {
	const char *word;
	enum wb_inhibit_mode mode;
} modes[] = {
	{ "delay", WB_INHIBIT_DELAY },
	{ "delay-weak", WB_INHIBIT_DELAY },
	{ "block-weak", WB_INHIBIT_BLOCK_WEAK },
	{ "block", WB_INHIBIT_BLOCK },
};

/* Is "shutdown" among the words that colons separate? */
static bool is_of_shutdown(const char *what)
{
	size_t n = strlen("shutdown");

	for (const char *p = what; p; p = strchr(p, ':')) {
		p += *p == ':';
		if (strncmp(p, "shutdown", n) == 0 && (p[n] == ':' || p[n] == '\0'))
			return true;
	}
	return false;
}

/* What a later version calls otherwise stops nobody by mistake. */
static enum wb_inhibit_mode mode_of(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		if (strcmp(modes[i].word, word) == 0)
			return modes[i].mode;
	return WB_INHIBIT_DELAY;
}

static int add_inhibitor(const struct wb_bus_inhibitor *found, void *userdata)
{
	struct wb_ready *ready = userdata;
	struct wb_inhibitor *grown;
	struct wb_inhibitor i = {
		.mode = mode_of(found->mode),
		.pid = found->pid,
	};

	if (!is_of_shutdown(found->what))
		return 0;
	i.who = strdup(found->who);
	i.why = strdup(found->why);
	grown = reallocarray(ready->inhibitors, ready->n_inhibitors + 1, sizeof(i));
	if (grown)
		ready->inhibitors = grown;
	if (!grown || !i.who || !i.why) {
		free(i.who);
		free(i.why);
		return -ENOMEM;
	}
	grown[ready->n_inhibitors++] = i;
	return 0;
}

static int read_inhibitor(const struct wb_root *root, const char *name,
			  struct wb_ready *ready)
{
	_cleanup_free_ char *path = wb_format(INHIBITORS "/%s", name), *text = NULL;
	_cleanup_free_ char *what = NULL, *who = NULL, *why = NULL, *mode = NULL;
	_cleanup_free_ char *number = NULL;
	uint64_t pid = 0;
	int r = path ? wb_root_read(root, path, &text, NULL) : -ENOMEM;

	/* Beside each is a FIFO, and they come and go. */
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	r = wb_ready_value(text, "WHAT", &what);
	if (r >= 0)
		r = wb_ready_value(text, "WHO", &who);
	if (r >= 0)
		r = wb_ready_value(text, "WHY", &why);
	if (r >= 0)
		r = wb_ready_value(text, "MODE", &mode);
	if (r >= 0)
		r = wb_ready_value(text, "PID", &number);
	if (r < 0 || !what || !mode)
		return r;
	if (number && wb_parse_u64(number, 10, &pid) < 0)
		pid = 0;
	return add_inhibitor(
		&(struct wb_bus_inhibitor){
			.what = what,
			.who = who ? who : "somebody",
			.why = why ? why : "no reason is given",
			.mode = mode,
			.pid = (uint32_t)pid,
		},
		ready);
}

static void forget_inhibitors(struct wb_ready *ready)
{
	while (ready->n_inhibitors > 0) {
		struct wb_inhibitor *i = &ready->inhibitors[--ready->n_inhibitors];

		free(i->who);
		free(i->why);
	}
}

static int read_inhibitors(const struct wb_root *root, struct wb_ready *ready)
{
	_cleanup_strv_ char **names = NULL;
	int r = root->live ? wb_bus_inhibitors(add_inhibitor, ready) : -EHOSTDOWN;

	if (r >= 0 || r == -ENOMEM)
		return r;
	forget_inhibitors(ready);
	r = wb_root_list(root, INHIBITORS, &names);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **p = names; r >= 0 && p && *p; p++)
		r = read_inhibitor(root, *p, ready);
	return r;
}

/* --- sessions ----------------------------------------------------------------------- */

/* "user", and since systemd 256 "user-early" and others of this beginning; a greeter, a
 * manager or a lock screen is nobody's work. */
static bool is_of_user(const char *class, const char *state)
{
	return class && (strcmp(class, "user") == 0 || wb_startswith(class, "user-")) &&
	       !(state && strcmp(state, "closing") == 0);
}

static int describe_session(const char *text, char ***ret)
{
	_cleanup_free_ char *user = NULL, *tty = NULL, *host = NULL, *service = NULL;
	int r = wb_ready_value(text, "USER", &user);

	if (r >= 0)
		r = wb_ready_value(text, "TTY", &tty);
	if (r >= 0)
		r = wb_ready_value(text, "REMOTE_HOST", &host);
	if (r >= 0)
		r = wb_ready_value(text, "SERVICE", &service);
	if (r < 0)
		return r;
	return wb_strv_appendf(ret, "%s%s%s%s%s", user ? user : "somebody",
			       tty       ? " on "
			       : service ? " by "
					 : "",
			       tty       ? tty
			       : service ? service
					 : "",
			       host ? " from " : "", host ? host : "");
}

static int read_session(const struct wb_root *root, const char *id, uint64_t own,
			char ***ret)
{
	_cleanup_free_ char *path = wb_format(SESSIONS "/%s", id), *text = NULL;
	_cleanup_free_ char *uid = NULL, *class = NULL, *state = NULL;
	int r = path ? wb_root_read(root, path, &text, NULL) : -ENOMEM;
	uint64_t number;

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	r = wb_ready_value(text, "UID", &uid);
	if (r >= 0)
		r = wb_ready_value(text, "CLASS", &class);
	if (r >= 0)
		r = wb_ready_value(text, "STATE", &state);
	if (r < 0 || !uid || wb_parse_u64(uid, 10, &number) < 0 || number == own ||
	    !is_of_user(class, state))
		return r;
	return describe_session(text, ret);
}

static int read_sessions(const struct wb_root *root, struct wb_ready *ready)
{
	_cleanup_strv_ char **ids = NULL;
	uint64_t own;
	int r;

	/* It survives su and sudo. */
	if (!wb_ready_number(root, "proc/self/loginuid", &own) || own == UID_NONE)
		own = UINT64_MAX;
	r = wb_root_list(root, SESSIONS, &ids);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **p = ids; r >= 0 && p && *p; p++)
		r = read_session(root, *p, own, &ready->sessions);
	return r;
}

int wb_ready_login(const struct wb_root *root, struct wb_ready *ready)
{
	int r = read_inhibitors(root, ready);

	return r < 0 ? r : read_sessions(root, ready);
}
