/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "prepare.h"

#include <errno.h>
#include <string.h>
#include <systemd/sd-id128.h>

#include "base/log.h"
#include "base/text.h"
#include "plan/planner.h"
#include "run/late.h"
#include "sys/bus.h"

/* Somebody in a kernel's source tree names what they just built; kexec is run in "/". */
static int make_absolute(const struct wb_cli *cli, const char *path, char **ret)
{
	_cleanup_free_ char *here = NULL;

	if (cli->root) {
		wb_error("'%s': with --root a path must be absolute", path);
		return -EINVAL;
	}
	here = getcwd(NULL, 0);
	if (!here)
		return -errno;
	*ret = wb_format("%s/%s", strcmp(here, "/") == 0 ? "" : here, path);
	return *ret ? 0 : -ENOMEM;
}

static bool is_relative(const char *path)
{
	return path && *path != '/' && strcmp(path, WB_INITRD_NONE) != 0;
}

/* "Debian GNU/Linux" is a title and "build/vmlinux" a file, if it is there. */
static int is_file(const struct wb_cli *cli, const struct wb_sys *sys, const char *word,
		   bool *ret)
{
	_cleanup_free_ char *path = NULL;
	int r = 0;

	*ret = wb_startswith(word, "./") || wb_startswith(word, "../");
	if (*ret || !strchr(word, '/'))
		return 0;
	if (!cli->root)
		r = make_absolute(cli, word, &path);
	*ret = r >= 0 && wb_root_exists(&sys->root, path ? path : word);
	return r;
}

int wb_prepare_paths(struct wb_cli *cli, const struct wb_sys *sys)
{
	struct wb_request *request = &cli->request;
	bool file = false;
	int r = 0;

	if (is_relative(request->kernel))
		r = is_file(cli, sys, request->kernel, &file);
	if (r >= 0 && file) {
		r = make_absolute(cli, request->kernel, &cli->kernel_path);
		request->kernel = cli->kernel_path;
	}
	if (r >= 0 && is_relative(request->initrd)) {
		r = make_absolute(cli, request->initrd, &cli->initrd_path);
		request->initrd = cli->initrd_path;
	}
	if (r >= 0 && is_relative(request->dtb)) {
		r = make_absolute(cli, request->dtb, &cli->dtb_path);
		request->dtb = cli->dtb_path;
	}
	return r;
}

static int use_config(struct wb_cli *cli, const struct wb_root *root)
{
	int r = wb_config_read(root, &cli->config);

	if (r >= 0)
		r = wb_request_use_config(&cli->request, &cli->config);
	if (r < 0)
		wb_error("cannot read the configuration: %s", strerror(-r));
	return r;
}

static int gather(const struct wb_request *request, const struct wb_root *root,
		  struct wb_facts *ret)
{
	const char *kernel = request->kernel;
	struct wb_facts_hint hint = {
		.kernel_path = kernel && *kernel == '/' ? kernel : NULL,
		.without_kernels = request->quiesce_only,
		.unload = request->unload,
	};

	return wb_facts_gather(root, &hint, ret);
}

int wb_prepare_facts(struct wb_cli *cli, struct wb_sys *sys, struct wb_facts *ret)
{
	int r = use_config(cli, &sys->root);

	if (r < 0)
		return r;
	r = gather(&cli->request, &sys->root, ret);
	if (r < 0)
		wb_error("cannot look at the machine: %s", strerror(-r));
	return r;
}

static int build_plan(const struct wb_request *request, struct wb_sys *sys,
		      const struct wb_facts *facts, struct wb_plan **ret)
{
	_cleanup_(wb_choice_done) struct wb_choice choice = { 0 };
	_cleanup_(wb_target_done) struct wb_target target = { 0 };
	struct wb_check_input in = { request, facts, &choice, &target };
	int r = request->quiesce_only ? 0 : wb_choice_make(request, facts, &choice);

	if (r >= 0 && choice.kernel && choice.kernel->linux)
		r = wb_target_read(&sys->root, facts,
				   &(struct wb_target_spec){
					   .kernel = choice.kernel,
					   .initrd = choice.initrd,
					   .without_own = request->initrd != NULL,
					   .options = choice.options,
					   .dtb = request->dtb,
				   },
				   &target);
	if (r >= 0 && choice.kernel)
		r = wb_choice_add_words(request, facts, &target, &choice);
	return r < 0 ? r : wb_planner_build(&in, ret);
}

static int make_id(char ret[SD_ID128_UUID_STRING_MAX])
{
	sd_id128_t random;
	int r = sd_id128_randomize(&random);

	if (r >= 0)
		sd_id128_to_uuid_string(random, ret);
	return r;
}

struct wb_plan *wb_prepare_empty_plan(void)
{
	_cleanup_(wb_plan_freep) struct wb_plan *plan = calloc(1, sizeof(*plan));
	char id[SD_ID128_UUID_STRING_MAX];

	if (!plan || make_id(id) < 0)
		return NULL;
	plan->id = strdup(id);
	return plan->id ? TAKE_PTR(plan) : NULL;
}

int wb_prepare_plan(struct wb_cli *cli, struct wb_sys *sys, struct wb_plan **ret)
{
	_cleanup_(wb_facts_done) struct wb_facts facts = { 0 };
	struct wb_request request;
	char id[SD_ID128_UUID_STRING_MAX];
	int r = wb_prepare_facts(cli, sys, &facts);

	if (r < 0)
		return r;
	/* dracut-shutdown.service(8) has stopped, which would have unpacked it. */
	if (cli->request.quiesce_only && !wb_late_has_exitrd(sys))
		facts.state.dracut_late = false;
	/* Nobody came to a folder. */
	if (!cli->root && wb_bus_own_remote_session(&cli->session) >= 0)
		cli->request.session = cli->session;
	request = cli->request;
	r = make_id(id);
	if (r >= 0) {
		request.id = id;
		r = build_plan(&request, sys, &facts, ret);
	}
	if (r < 0)
		wb_error("cannot make a plan: %s", strerror(-r));
	return r;
}
