/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/owner.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "base/log.h"
#include "base/strv.h"
#include "base/text.h"
#include "facts/holder.h"
#include "facts/session.h"

/* What keeps the machine and this run going, and the way by which its operator came. */
static const char *const protected_units[] = {
	"init.scope",
	"dbus.service",
	"dbus-broker.service",
	"systemd-journald.service",
	"systemd-logind.service",
	"systemd-udevd.service",
	"systemd-networkd.service",
	"NetworkManager.service",
	"ssh.service",
	"ssh@*.service",
	"sshd.service",
	"sshd@*.service",
	WB_BUS_SERVICE,
};

static bool is_protected(const char *unit)
{
	for (size_t i = 0; i < ARRAY_SIZE(protected_units); i++)
		if (fnmatch(protected_units[i], unit, 0) == 0)
			return true;
	return false;
}

/* logind opens devices for its sessions, and leaves the descriptors with PID 1. */
static bool keeps_for_sessions(const char *unit)
{
	return strcmp(unit, "init.scope") == 0 ||
	       strcmp(unit, "systemd-logind.service") == 0;
}

/* --- who it is -------------------------------------------------------------------- */

static int add(struct wb_owners *list, struct wb_owner owner)
{
	struct wb_owner *grown = NULL;

	if (owner.name)
		grown = reallocarray(list->items, list->n + 1, sizeof(*grown));
	if (!grown) {
		free(owner.name);
		free(owner.inner);
		return -ENOMEM;
	}
	list->items = grown;
	grown[list->n++] = owner;
	return 0;
}

static int add_session(struct wb_owners *list, const char *id)
{
	char *inner = strdup(id);

	if (!inner)
		return -ENOMEM;
	return add(list, (struct wb_owner){ .kind = WB_OWNER_SESSION,
					    .name = wb_format("session-%s.scope", id),
					    .inner = inner });
}

static int add_sessions_with(struct wb_run *run, const struct wb_node *nodes, size_t n,
			     struct wb_owners *list)
{
	_cleanup_strv_ char **ids = NULL;
	int r = wb_sessions_with(&run->sys->root, nodes, n, &ids);

	for (char **p = ids; r >= 0 && p && *p; p++)
		r = add_session(list, *p);
	return r;
}

/* "user@1000.service" */
static int parse_uid(const char *unit, size_t n, uid_t *ret)
{
	const char *at = wb_startswith(unit, "user@");
	_cleanup_free_ char *digits = NULL;
	uint64_t uid;
	int r;

	if (!at || n < strlen("user@") + strlen(".service"))
		return -EINVAL;
	digits = strndup(at, n - strlen("user@") - strlen(".service"));
	r = digits ? wb_parse_u64(digits, 10, &uid) : -ENOMEM;
	if (r < 0)
		return r;
	*ret = (uid_t)uid;
	return uid < (uid_t)-1 ? 0 : -EINVAL;
}

static int add_user_unit(struct wb_owners *list, const struct wb_holder *h)
{
	struct wb_owner owner = { .kind = WB_OWNER_USER_UNIT };

	/* Its init.scope is the manager itself. */
	if (!h->inner || strcmp(h->inner, "init.scope") == 0 ||
	    parse_uid(h->unit, strlen(h->unit), &owner.uid) < 0)
		return 0;
	owner.inner = strdup(h->inner);
	if (!owner.inner)
		return -ENOMEM;
	owner.name = wb_format("%s/%s", h->unit, h->inner);
	return add(list, owner);
}

static int add_machine(struct wb_run *run, struct wb_owners *list, const char *unit)
{
	char *machine = NULL;
	int r = wb_machine_of_unit(&run->sys->root, unit, &machine);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	return add(list, (struct wb_owner){ .kind = WB_OWNER_MACHINE,
					    .name = strdup(unit),
					    .inner = machine });
}

static int add_unit(struct wb_run *run, struct wb_owners *list, const struct wb_holder *h)
{
	_cleanup_free_ char *session = wb_session_of_unit(h->unit);
	int r;

	if (session)
		return add_session(list, session);
	r = add_user_unit(list, h);
	if (r >= 0)
		r = add_machine(run, list, h->unit);
	return r < 0 ? r
		     : add(list, (struct wb_owner){ .kind = WB_OWNER_UNIT,
						    .name = strdup(h->unit) });
}

int wb_owners_find(struct wb_run *run, const struct wb_holder *holder,
		   const struct wb_node *nodes, size_t n_nodes, struct wb_owners *ret)
{
	struct wb_owners list = { 0 };
	int r = 0;

	if (holder->unit && keeps_for_sessions(holder->unit))
		r = add_sessions_with(run, nodes, n_nodes, &list);
	else if (holder->unit && !is_protected(holder->unit))
		r = add_unit(run, &list, holder);
	/* A unit may leave processes behind that it has stopped caring about. */
	if (r >= 0 && holder->pid > 1 && (!holder->unit || !is_protected(holder->unit)))
		r = add(&list,
			(struct wb_owner){ .kind = WB_OWNER_PROCESS,
					   .name = wb_format("process %d", holder->pid),
					   .pid = holder->pid,
					   .node = holder->node });
	if (r < 0) {
		wb_owners_done(&list);
		return r;
	}
	*ret = list;
	return 0;
}

void wb_owners_done(struct wb_owners *owners)
{
	for (size_t i = 0; i < owners->n; i++) {
		free(owners->items[i].name);
		free(owners->items[i].inner);
	}
	free(owners->items);
	*owners = (struct wb_owners){ 0 };
}

bool wb_owner_is_ours(const struct wb_run *run, const struct wb_owner *owner)
{
	return owner->kind == WB_OWNER_SESSION && run->record->session &&
	       strcmp(owner->inner, run->record->session) == 0;
}

/* --- how it is ended -------------------------------------------------------------- */

static int stop_unit(struct wb_run *run, const struct wb_owner *owner,
		     uint64_t timeout_usec, int signal, char **ret_why)
{
	(void)signal;
	return run->sys->ops->unit_job(run->sys, WB_UNIT_STOP, owner->name, timeout_usec,
				       ret_why);
}

/* Where the user's manager does not listen, the next owner is its service. */
static int stop_user_unit(struct wb_run *run, const struct wb_owner *owner,
			  uint64_t timeout_usec, int signal, char **ret_why)
{
	int r = run->sys->ops->user_unit_job(run->sys, owner->uid, WB_UNIT_STOP,
					     owner->inner, timeout_usec, ret_why);

	(void)signal;
	if (r < 0 && r != -EINTR) {
		wb_warning("cannot stop %s: %s; its user's manager is stopped next",
			   owner->name, *ret_why ? *ret_why : strerror(-r));
		return 0;
	}
	return r;
}

/* Its scope is the same seen from systemd, which does without logind and machined. */
static int end_or_stop(struct wb_run *run, const struct wb_owner *owner, int r,
		       uint64_t timeout_usec, char **ret_why)
{
	if (r >= 0)
		return 0;
	wb_warning("cannot end %s in order: %s; its scope is stopped", owner->name,
		   *ret_why ? *ret_why : strerror(-r));
	free(TAKE_PTR(*ret_why));
	return stop_unit(run, owner, timeout_usec, 0, ret_why);
}

static int end_session(struct wb_run *run, const struct wb_owner *owner,
		       uint64_t timeout_usec, int signal, char **ret_why)
{
	int r = run->sys->ops->session_end(run->sys, owner->inner, ret_why);

	(void)signal;
	return end_or_stop(run, owner, r, timeout_usec, ret_why);
}

static int end_machine(struct wb_run *run, const struct wb_owner *owner,
		       uint64_t timeout_usec, int signal, char **ret_why)
{
	int r = run->sys->ops->machine_end(run->sys, owner->inner, ret_why);

	(void)signal;
	return end_or_stop(run, owner, r, timeout_usec, ret_why);
}

static int signal_process(struct wb_run *run, const struct wb_owner *owner,
			  uint64_t timeout_usec, int signal, char **ret_why)
{
	_cleanup_close_ int fd = run->sys->ops->process_open(run->sys, owner->pid);
	int r = fd < 0 ? fd : 0;

	(void)timeout_usec;
	(void)ret_why;
	/* From here on the descriptor is the process, and its number stays with it. */
	if (r >= 0 && wb_holds(&run->sys->root, owner->pid, &owner->node))
		r = run->sys->ops->process_signal(run->sys, fd, signal);
	/* It has ended by itself. */
	return r == -ESRCH ? 0 : r;
}

static const struct {
	const char *doing;
	int (*end)(struct wb_run *run, const struct wb_owner *owner,
		   uint64_t timeout_usec, int signal, char **ret_why);
} kinds[_WB_OWNER_KIND_MAX] = {
	[WB_OWNER_UNIT] = { "stopping", stop_unit },
	[WB_OWNER_USER_UNIT] = { "stopping", stop_user_unit },
	[WB_OWNER_SESSION] = { "ending", end_session },
	[WB_OWNER_MACHINE] = { "ending", end_machine },
	[WB_OWNER_PROCESS] = { "sending a signal to", signal_process },
};

int wb_owner_end(struct wb_run *run, const struct wb_owner *owner, uint64_t timeout_usec,
		 int signal, char **ret_why)
{
	return kinds[owner->kind].end(run, owner, timeout_usec, signal, ret_why);
}

char *wb_owner_announcement(const struct wb_owner *owner)
{
	return wb_format("%s %s", kinds[owner->kind].doing, owner->name);
}

int wb_owner_start_user_unit(struct wb_run *run, const char *name, uint64_t timeout_usec,
			     char ***lost)
{
	_cleanup_free_ char *why = NULL;
	const char *slash = strchr(name, '/');
	uid_t uid;
	int r = slash ? parse_uid(name, (size_t)(slash - name), &uid) : -EINVAL;

	if (r < 0)
		return r;
	r = run->sys->ops->user_unit_job(run->sys, uid, WB_UNIT_START, slash + 1,
					 timeout_usec, &why);
	if (r >= 0)
		return 0;
	wb_warning("cannot start %s again: %s; it begins anew with its user's next "
		   "login, continuing",
		   name, why ? why : strerror(-r));
	return wb_strv_add(lost, name);
}
