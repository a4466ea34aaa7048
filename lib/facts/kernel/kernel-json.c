/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/kernel/kernel-json.h"

#include <errno.h>

#include "base/strv.h"

/* The members in the order in which they are shown. */
static const struct {
	const char *key;
	size_t offset;
} strings[] = {
	{ "id", offsetof(struct wb_kernel, id) },
	{ "title", offsetof(struct wb_kernel, title) },
	{ "version", offsetof(struct wb_kernel, version) },
	{ "linux", offsetof(struct wb_kernel, linux) },
	{ "options", offsetof(struct wb_kernel, options) },
	{ "source", offsetof(struct wb_kernel, source) },
	{ "problem", offsetof(struct wb_kernel, problem) },
};

static const struct {
	const char *key;
	size_t offset;
} flags[] = {
	{ "running", offsetof(struct wb_kernel, running) },
	{ "default", offsetof(struct wb_kernel, is_default) },
	{ "oneshot", offsetof(struct wb_kernel, oneshot) },
	{ "bad", offsetof(struct wb_kernel, bad) },
	{ "unified", offsetof(struct wb_kernel, unified) },
};

struct json_object *wb_kernel_to_json(const struct wb_kernel *kernel)
{
	_cleanup_json_ struct json_object *o = json_object_new_object();
	int r = o ? 0 : -ENOMEM;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(strings); i++)
		r = wb_json_add_string(o, strings[i].key,
				       *(char *const *)((const char *)kernel +
							strings[i].offset));
	if (r >= 0)
		r = wb_json_add_strv(o, "initrd", kernel->initrd);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(flags); i++)
		r = wb_json_add_bool(o, flags[i].key,
				     *(const bool *)((const char *)kernel +
						     flags[i].offset));
	return r < 0 ? NULL : TAKE_PTR(o);
}

int wb_kernel_from_json(struct json_object *o, struct wb_kernel *ret)
{
	struct wb_kernel k = { 0 };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(strings); i++)
		r = wb_json_get_string(o, strings[i].key,
				       (char **)((char *)&k + strings[i].offset));
	if (r >= 0)
		r = wb_json_get_strv(o, "initrd", &k.initrd);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(flags); i++)
		r = wb_json_get_bool(o, flags[i].key,
				     (bool *)((char *)&k + flags[i].offset));
	if (r < 0) {
		wb_kernel_done(&k);
		return r;
	}
	*ret = k;
	return 0;
}

int wb_kernel_copy(const struct wb_kernel *kernel, struct wb_kernel *ret)
{
	_cleanup_json_ struct json_object *o = wb_kernel_to_json(kernel);

	int r = o ? wb_kernel_from_json(o, ret) : -ENOMEM;

	/* Of the facts alone, and no part of the interface. */
	if (r >= 0) {
		ret->unreadable = kernel->unreadable;
		ret->profile = kernel->profile;
	}
	return r;
}

void wb_kernel_done(struct wb_kernel *kernel)
{
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
		free(*(char **)((char *)kernel + strings[i].offset));
	wb_strv_free(kernel->initrd);
	wb_strv_free(kernel->way);
	*kernel = (struct wb_kernel){ 0 };
}
