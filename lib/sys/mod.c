/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/mod.h"

#include <errno.h>
#include <libkmod.h>

#include "sys/spawn.h"

struct call {
	const char *name;
	const char *options;
};

static int with_context(int (*act)(struct kmod_ctx *ctx, const struct call *call),
			const struct call *call)
{
	struct kmod_ctx *ctx = kmod_new(/* dirname= */ NULL, /* config_paths= */ NULL);
	int r;

	if (!ctx)
		return -ENOMEM;
	/* Whoever called reports; the library would say it a second time. */
	kmod_set_log_priority(ctx, 0);
	r = act(ctx, call);
	kmod_unref(ctx);
	return r;
}

static int remove_one(struct kmod_ctx *ctx, const struct call *call)
{
	struct kmod_module *mod;
	int r = kmod_module_new_from_name(ctx, call->name, &mod);

	if (r < 0)
		return r;
	/* Never KMOD_REMOVE_FORCE: the kernel oopses when the last user leaves. */
	r = kmod_module_remove_module(mod, KMOD_REMOVE_NOWAIT);
	kmod_module_unref(mod);
	return r;
}

static int insert_all(struct kmod_ctx *ctx, const struct call *call)
{
	struct kmod_list *list = NULL, *item;
	int r = kmod_module_new_from_lookup(ctx, call->name, &list);

	if (r == 0 && !list)
		r = -ENOENT;
	kmod_list_foreach(item, list)
	{
		struct kmod_module *mod = kmod_module_get_module(item);

		if (r == 0)
			r = kmod_module_probe_insert_module(mod, 0, call->options, NULL,
							    NULL, NULL);
		kmod_module_unref(mod);
	}
	kmod_module_unref_list(list);
	return r;
}

static int child_remove(const void *call)
{
	return with_context(remove_one, call);
}

static int child_insert(const void *call)
{
	return with_context(insert_all, call);
}

int wb_mod_remove(const char *name, uint64_t timeout_usec, pid_t *ret_stuck)
{
	struct call call = { .name = name };

	return wb_call_in_child(child_remove, &call, timeout_usec, ret_stuck);
}

int wb_mod_insert(const char *name, const char *options, uint64_t timeout_usec)
{
	struct call call = { name, options };

	return wb_call_in_child(child_insert, &call, timeout_usec, /* ret_stuck= */ NULL);
}
