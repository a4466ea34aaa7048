/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Whose work would it end? */

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "plan/check-part.h"

/* All whose mode is @mode: "Package Manager (pid 812): an update runs". */
static int list_inhibitors(const struct wb_ready *ready, enum wb_inhibit_mode mode,
			   char **ret)
{
	_cleanup_strv_ char **list = NULL;
	int r = 0;

	*ret = NULL;
	for (size_t i = 0; r >= 0 && i < ready->n_inhibitors; i++) {
		const struct wb_inhibitor *x = &ready->inhibitors[i];

		if (x->mode == mode)
			r = wb_strv_appendf(&list, "%s (pid %ju): %s", x->who,
					    (uintmax_t)x->pid, x->why);
	}
	if (r < 0 || !list)
		return r;
	*ret = wb_strv_join_some(list);
	return *ret ? 0 : -ENOMEM;
}

static int say_inhibitors(const struct wb_check_input *in, enum wb_inhibit_mode mode,
			  struct wb_findings *f)
{
	static const struct {
		enum wb_severity severity;
		const char *format, *hint;
	} words[] = {
		[WB_INHIBIT_DELAY] = { WB_INFO, "a shutdown waits some seconds for %s",
				       NULL },
		[WB_INHIBIT_BLOCK_WEAK] = { WB_WARNING,
					    "a shutdown is inhibited, but not for root, by "
					    "%s",
					    "see systemd-inhibit --list" },
		[WB_INHIBIT_BLOCK] = { WB_BLOCKER, "a shutdown is inhibited by %s",
				       "wait for it, or end it; systemd-inhibit --list "
				       "shows all" },
	};
	_cleanup_free_ char *list = NULL, *text = NULL;
	const char *hole;
	int r = list_inhibitors(&in->facts->ready, mode, &list);

	if (r < 0 || !list)
		return r;
	hole = words[mode].format;
	text = wb_format("%.*s%s", (int)(strlen(hole) - strlen("%s")), hole, list);
	if (!text)
		return -ENOMEM;
	/* An ordinary reboot in its place would be inhibited just the same. */
	if (words[mode].severity == WB_BLOCKER)
		r = wb_findings_add_veto(f, "inhibitors", "%s", text);
	else
		r = wb_findings_add(f, words[mode].severity, "inhibitors", "%s", text);
	return words[mode].hint ? wb_findings_advise(f, r, "%s", words[mode].hint) : r;
}

int wb_check_inhibitors(const struct wb_check_input *in, struct wb_findings *f)
{
	int r = say_inhibitors(in, WB_INHIBIT_BLOCK, f);

	if (r >= 0)
		r = say_inhibitors(in, WB_INHIBIT_BLOCK_WEAK, f);
	return r < 0 ? r : say_inhibitors(in, WB_INHIBIT_DELAY, f);
}

int wb_check_sessions(const struct wb_check_input *in, struct wb_findings *f)
{
	char *const *sessions = in->facts->ready.sessions;
	_cleanup_free_ char *list = sessions ? wb_strv_join_some(sessions) : NULL;
	int r;

	if (!sessions)
		return 0;
	if (!list)
		return -ENOMEM;
	r = wb_findings_add(f, WB_WARNING, "sessions",
			    "others are logged in, and their sessions end: %s", list);
	return wb_findings_advise(f, r, "tell them: wall");
}

int wb_check_guests(const struct wb_check_input *in, struct wb_findings *f)
{
	const struct wb_ready *ready = &in->facts->ready;
	_cleanup_free_ char *list =
		ready->guests ? wb_strv_join_some(ready->guests) : NULL;
	int r;

	if (!ready->guests)
		return 0;
	if (!list)
		return -ENOMEM;
	if (ready->guests_saved)
		return wb_findings_add(
			f, WB_WARNING, "guests",
			"guests run: %s; libvirt-guests.service is "
			"enabled, and treats those of libvirt as it is set "
			"up to",
			list);
	r = wb_findings_add(f, WB_WARNING, "guests",
			    "guests run, and nothing is known to save them: %s", list);
	return wb_findings_advise(f, r,
				  "shut them down, save them or move them first (virsh, "
				  "machinectl, qm)");
}

int wb_check_containers(const struct wb_check_input *in, struct wb_findings *f)
{
	char *const *containers = in->facts->ready.containers;
	_cleanup_free_ char *list = containers ? wb_strv_join_some(containers) : NULL;

	if (!containers)
		return 0;
	if (!list)
		return -ENOMEM;
	return wb_findings_add(f, WB_INFO, "containers",
			       "containers run, and are stopped as by any restart: %s",
			       list);
}

static int say_pacman_left(struct wb_findings *f)
{
	int r = wb_findings_add(f, WB_WARNING, "packages",
				"/var/lib/pacman/db.lck is there, and pacman is not: one "
				"was killed, perhaps in the middle of an update");

	return wb_findings_advise(f, r,
				  "see the end of /var/log/pacman.log before restarting");
}

int wb_check_packages(const struct wb_check_input *in, struct wb_findings *f)
{
	const struct wb_ready *ready = &in->facts->ready;
	_cleanup_free_ char *list = NULL;
	int r = 0;

	if (ready->installing) {
		list = wb_strv_join_some(ready->installing);
		if (!list)
			return -ENOMEM;
		r = wb_findings_add_veto(f, "packages",
					 "packages are being installed or removed by %s",
					 list);
		r = wb_findings_advise(f, r,
				       "wait for it; a restart in the middle may leave a "
				       "system that does not start");
	}
	if (r >= 0 && ready->pacman_left)
		r = say_pacman_left(f);
	if (r >= 0 && ready->offline_update)
		r = wb_findings_add(f, WB_INFO, "packages",
				    "the next boot installs updates before anything else "
				    "(/system-update), and then restarts once more");
	return r;
}
