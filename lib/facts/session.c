/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/session.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"

#define FOLDER "run/systemd/sessions"

/* "226:0", of a character device: others logind does not give away. */
static bool is_one_of(const char *device, const struct wb_node *nodes, size_t n)
{
	_cleanup_free_ char *text = wb_format("c %s", device);
	struct wb_node node;

	if (!text || wb_node_from_string(text, &node) < 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (wb_node_matches(&nodes[i], &node))
			return true;
	return false;
}

static bool names_one_of(const char *devices, const struct wb_node *nodes, size_t n)
{
	_cleanup_strv_ char **words = NULL;

	if (wb_strv_split(&words, devices) < 0)
		return false;
	for (char **p = words; p && *p; p++)
		if (is_one_of(*p, nodes, n))
			return true;
	return false;
}

/* A device is on seat0 where udev does not say otherwise: sd-login(3). */
static char *seat_of(const struct wb_root *root, const struct wb_node *node)
{
	_cleanup_free_ char *path = NULL, *text = NULL;
	const char *seat;

	path = wb_format("run/udev/data/c%u:%u", node->major, node->minor);
	if (path && wb_root_read(root, path, &text, NULL) == -ENOMEM)
		return NULL;
	seat = text ? strstr(text, "\nE:ID_SEAT=") : NULL;
	if (!seat)
		return strdup("seat0");
	seat = strchr(seat, '=') + 1;
	return strndup(seat, strcspn(seat, "\n"));
}

/* The seats that they are on; none where no single device is meant. */
static int find_seats(const struct wb_root *root, const struct wb_node *nodes, size_t n,
		      char ***ret)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n; i++) {
		_cleanup_free_ char *seat = NULL;

		if (nodes[i].block || nodes[i].any_minor)
			continue;
		seat = seat_of(root, &nodes[i]);
		r = seat ? wb_strv_add(ret, seat) : -ENOMEM;
	}
	return r;
}

struct session {
	bool has_device;
	bool has_seat; /* one of those that are asked for */
};

static int read_session(const struct wb_root *root, const char *id,
			const struct wb_node *nodes, size_t n, char *const *seats,
			struct session *ret)
{
	_cleanup_free_ char *path = wb_format(FOLDER "/%s", id), *text = NULL;
	int r = path ? wb_root_read(root, path, &text, NULL) : -ENOMEM;
	char *line, *rest = text;

	if (r < 0)
		return r;
	while ((line = strsep(&rest, "\n"))) {
		const char *devices = wb_startswith(line, "DEVICES=");
		const char *seat = wb_startswith(line, "SEAT=");

		ret->has_device =
			ret->has_device || (devices && names_one_of(devices, nodes, n));
		ret->has_seat = ret->has_seat || (seat && wb_strv_contains(seats, seat));
	}
	return 0;
}

int wb_sessions_with(const struct wb_root *root, const struct wb_node *nodes,
		     size_t n_nodes, char ***ret)
{
	_cleanup_strv_ char **ids = NULL, **with_device = NULL, **with_seat = NULL,
			    **seats = NULL;
	int r = wb_root_list(root, FOLDER, &ids);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	r = find_seats(root, nodes, n_nodes, &seats);
	for (char **p = ids; r >= 0 && p && *p; p++) {
		struct session s = { 0 };

		/* Beside each is a FIFO, and sessions come and go. */
		if (read_session(root, *p, nodes, n_nodes, seats, &s) < 0)
			continue;
		if (s.has_device)
			r = wb_strv_append(&with_device, *p);
		if (r >= 0 && s.has_seat)
			r = wb_strv_append(&with_seat, *p);
	}
	if (r < 0)
		return r;
	*ret = with_device ? TAKE_PTR(with_device) : TAKE_PTR(with_seat);
	return 0;
}

char *wb_session_of_unit(const char *unit)
{
	const char *id = wb_startswith(unit, "session-");

	if (!id || !wb_endswith(id, ".scope") || strlen(id) == strlen(".scope"))
		return NULL;
	return strndup(id, strlen(id) - strlen(".scope"));
}

int wb_machine_of_unit(const struct wb_root *root, const char *unit, char **ret)
{
	_cleanup_free_ char *path = NULL;

	if (!wb_endswith(unit, ".scope"))
		return -ENOENT;
	path = wb_format("run/systemd/machines/unit:%s", unit);
	return path ? wb_root_link_name(root, path, ret) : -ENOMEM;
}
