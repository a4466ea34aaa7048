/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planning.h"

#include <string.h>

#include "unit.h"

int planning_setup(void **state)
{
	struct planning *p = calloc(1, sizeof(*p));

	fixture_init(&p->f);
	machine_desktop(&p->f);
	p->request.id = PLANNING_ID;
	*state = p;
	return 0;
}

static void forget(struct planning *p)
{
	wb_plan_free(p->plan);
	p->plan = NULL;
	wb_choice_done(&p->choice);
	wb_target_done(&p->target);
	wb_facts_done(&p->facts);
}

int planning_teardown(void **state)
{
	struct planning *p = *state;

	forget(p);
	fixture_done(&p->f);
	free(p);
	return 0;
}

void planning_look(struct planning *p)
{
	const char *kernel = p->request.kernel;
	const struct wb_facts_hint hint = {
		.kernel_path = kernel && *kernel == '/' ? kernel : NULL,
		.unload = p->request.unload,
	};

	forget(p);
	assert_int_equal(wb_facts_gather(&p->f.root, &hint, &p->facts), 0);
	assert_int_equal(wb_choice_make(&p->request, &p->facts, &p->choice), 0);
	if (p->choice.kernel)
		assert_int_equal(wb_target_read(&p->f.root, &p->facts,
						&(struct wb_target_spec){
							.kernel = p->choice.kernel,
							.initrd = p->choice.initrd,
							.without_own =
								p->request.initrd != NULL,
							.options = p->choice.options,
							.dtb = p->request.dtb,
						},
						&p->target),
				 0);
	if (p->choice.kernel)
		assert_int_equal(wb_choice_add_words(&p->request, &p->facts, &p->target,
						     &p->choice),
				 0);
	p->in = (struct wb_check_input){ &p->request, &p->facts, &p->choice, &p->target };
}

void planning_build(struct planning *p)
{
	planning_look(p);
	assert_int_equal(wb_planner_build(&p->in, &p->plan), 0);
}

const struct wb_step *planning_find(const struct planning *p, size_t *i,
				    enum wb_step_kind kind)
{
	for (; *i < p->plan->n_steps; (*i)++)
		if (p->plan->steps[*i].kind == kind)
			return &p->plan->steps[(*i)++];
	return NULL;
}

const struct wb_step *planning_first(const struct planning *p, enum wb_step_kind kind)
{
	size_t i = 0;

	return planning_find(p, &i, kind);
}

const struct wb_step *planning_step(const struct planning *p, enum wb_step_kind kind,
				    const char *target)
{
	const struct wb_step *s;
	size_t i = 0;

	while ((s = planning_find(p, &i, kind)))
		if (strcmp(s->target, target) == 0)
			return s;
	return NULL;
}

bool planning_says(const struct planning *p, enum wb_severity severity, const char *part)
{
	for (size_t i = 0; i < p->plan->findings.n; i++) {
		const struct wb_finding *f = &p->plan->findings.items[i];

		if (f->severity == severity && strstr(f->message, part))
			return true;
	}
	return false;
}
