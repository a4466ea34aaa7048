/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/choice.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/cmdline.h"

static const struct wb_kernel *find_running(const struct wb_facts *facts)
{
	for (size_t i = 0; i < facts->n_kernels; i++)
		if (facts->kernels[i].running)
			return &facts->kernels[i];
	return NULL;
}

/* A path, an id, or a version. */
static const struct wb_kernel *find_named(const struct wb_facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->n_kernels; i++) {
		const struct wb_kernel *k = &facts->kernels[i];

		if (strcmp(k->linux, name) == 0 || strcmp(k->id, name) == 0 ||
		    (k->version && strcmp(k->version, name) == 0))
			return k;
	}
	return NULL;
}

/* "6.1.0-56-amd64, 6.1.0-55-amd64"; the caller's. */
static char *list_versions(const struct wb_facts *facts)
{
	_cleanup_strv_ char **versions = NULL;

	for (size_t i = 0; i < facts->n_kernels; i++) {
		const struct wb_kernel *k = &facts->kernels[i];

		if (wb_strv_add(&versions, k->version ? k->version : k->linux) < 0)
			return NULL;
	}
	return versions ? wb_strv_join(versions, ", ") : strdup("none");
}

static int refuse_choice(const struct wb_request *request, const struct wb_facts *facts,
			 struct wb_findings *findings)
{
	_cleanup_free_ char *there = list_versions(facts);

	if (!there)
		return -ENOMEM;
	if (request->kernel)
		return wb_findings_add(findings, WB_BLOCKER, "kernel",
				       "there is no kernel '%s' here; there are: %s",
				       request->kernel, there);
	return wb_findings_add(
		findings, WB_BLOCKER, "kernel",
		"no image of the running kernel %s was found by BOOT_IMAGE=, "
		"in /boot or in /usr/lib/modules; name one with --kernel; "
		"there are: %s",
		facts->state.release ? facts->state.release : "?", there);
}

static int choose_options(const struct wb_request *request, struct wb_choice *choice)
{
	_cleanup_free_ char *append = wb_strv_join(request->append, " ");
	struct wb_cmdline_edit edit = {
		.remove = request->remove,
		.append = append,
		.id = request->id,
	};

	if (!append)
		return -ENOMEM;

	choice->options = wb_cmdline_build(choice->kernel->options, &edit);
	return choice->options ? 0 : -ENOMEM;
}

static const char *choose_initrd(const struct wb_request *request,
				 const struct wb_kernel *kernel)
{
	if (request->initrd)
		return strcmp(request->initrd, WB_INITRD_NONE) == 0 ? NULL
								    : request->initrd;
	return kernel->initrd ? kernel->initrd[0] : NULL;
}

int wb_choice_make(const struct wb_request *request, const struct wb_facts *facts,
		   struct wb_choice *ret)
{
	struct wb_choice choice = { 0 };
	bool running = !request->kernel || strcmp(request->kernel, "running") == 0;
	int r = 0;

	choice.kernel =
		running ? find_running(facts) : find_named(facts, request->kernel);
	if (!choice.kernel) {
		r = refuse_choice(request, facts, &choice.findings);
	} else {
		choice.initrd = choose_initrd(request, choice.kernel);
		r = choose_options(request, &choice);
	}
	if (r < 0) {
		wb_choice_done(&choice);
		return r;
	}
	*ret = choice;
	return 0;
}

void wb_choice_done(struct wb_choice *choice)
{
	free(choice->options);
	wb_findings_done(&choice->findings);
	*choice = (struct wb_choice){ 0 };
}
