/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/request.h"

#include "base/strv.h"

static void use(const char **text, const char **origin, const struct wb_setting *setting)
{
	if (*text || !setting->text)
		return;
	*text = setting->text;
	*origin = setting->origin;
}

/* What the operator says of a module now overrules what the machine says of it. */
static int add_modules(char ***list, char *const *standing, char *const *against)
{
	int r = 0;

	for (; r >= 0 && standing && *standing; standing++)
		if (!wb_strv_contains(against, *standing))
			r = wb_strv_add(list, *standing);
	return r;
}

int wb_request_use_config(struct wb_request *request, const struct wb_config *config)
{
	_cleanup_strv_ char **keep = NULL;
	int r = wb_strv_copy(&keep, request->keep);

	request->config = config;
	/* An initramfs belongs to the kernel that it was named for. */
	if (!request->kernel && !request->initrd)
		request->initrd = config->initrd.text;
	use(&request->kernel, &request->kernel_origin, &config->kernel);
	use(&request->dtb, &request->dtb_origin, &config->dtb);
	/* Who names a target now wants it isolated. */
	if (!request->target && config->no_isolate)
		request->no_isolate = true;
	if (!request->target)
		request->target = config->target.text;
	request->isolate_timeout_usec = config->isolate_timeout_usec;
	request->unit_timeout_usec = config->unit_timeout_usec;
	request->module_timeout_usec = config->module_timeout_usec;
	request->kill = request->kill || config->kill;
	if (!request->no_reboot)
		request->reboot = request->reboot || config->reboot;
	if (r >= 0)
		r = add_modules(&request->keep, config->keep, request->unload);
	if (r >= 0)
		r = add_modules(&request->unload, config->unload, keep);
	return r;
}
