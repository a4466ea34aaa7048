/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/strv.h"
#include "facts/hook-match.h"
#include "plan/removal.h"
#include "unit.h"

/* Facts by hand: modules with their users, one hook, one display. */
struct scene {
	struct wb_facts facts;
	struct wb_module modules[64];
	struct wb_hook hooks[2];
	struct wb_device device;
	struct wb_request request;
	struct wb_judgements judgements;
	struct wb_removals removals;
	struct wb_findings findings;
};

static int setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	s->facts.modules = s->modules;
	s->facts.hooks = s->hooks;
	s->facts.devices = &s->device;
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;

	wb_judgements_done(&s->judgements);
	wb_removals_done(&s->removals);
	wb_findings_done(&s->findings);
	for (size_t i = 0; i < s->facts.n_modules; i++) {
		free(s->modules[i].name);
		wb_strv_free(s->modules[i].holders);
	}
	for (size_t i = 0; i < s->facts.n_hooks; i++) {
		free(s->hooks[i].name);
		wb_strv_free(s->hooks[i].modules);
		wb_strv_free(s->hooks[i].units);
	}
	wb_strv_free(s->facts.units);
	wb_strv_free(s->facts.known_modules);
	wb_strv_free(s->facts.builtin_modules);
	wb_strv_free(s->request.unload);
	wb_strv_free(s->request.keep);
	free(s);
	return 0;
}

static void module(struct scene *s, const char *name, const char *users)
{
	struct wb_module *m = &s->modules[s->facts.n_modules++];

	m->name = strdup(name);
	assert_int_equal(wb_strv_split(&m->holders, users), 0);
}

static struct wb_hook *hook(struct scene *s, const char *name, const char *modules)
{
	struct wb_hook *h = &s->hooks[s->facts.n_hooks++];

	h->name = strdup(name);
	assert_int_equal(wb_strv_split(&h->modules, modules), 0);
	return h;
}

static void unload(struct scene *s, const char *names)
{
	assert_int_equal(wb_strv_split(&s->request.unload, names), 0);
}

static void keep(struct scene *s, const char *names)
{
	assert_int_equal(wb_strv_split(&s->request.keep, names), 0);
}

static int build(struct scene *s)
{
	wb_judgements_done(&s->judgements);
	wb_removals_done(&s->removals);
	wb_findings_done(&s->findings);
	wb_hooks_find_used(&s->facts);
	assert_int_equal(wb_judgements_build(&s->request, &s->facts, &s->judgements), 0);
	return wb_removals_build(&s->request, &s->facts, &s->judgements, &s->removals,
				 &s->findings);
}

static void assert_order(struct scene *s, const char *expected)
{
	_cleanup_strv_ char **names = NULL;
	_cleanup_free_ char *joined = NULL;

	assert_int_equal(build(s), 0);
	for (size_t i = 0; i < s->removals.n; i++) {
		assert_int_equal(wb_strv_append(&names, s->removals.items[i].module), 0);
		assert_true(*s->removals.items[i].because);
	}
	joined = wb_strv_join(names, " ");
	assert_string_equal(joined, expected);
}

static void assert_found(const struct scene *s, enum wb_severity severity,
			 const char *subject, const char *part)
{
	for (size_t i = 0; i < s->findings.n; i++)
		if (s->findings.items[i].severity == severity &&
		    strcmp(s->findings.items[i].subject, subject) == 0 &&
		    strstr(s->findings.items[i].message, part))
			return;
	fail_msg("no %s on %s says '%s'", wb_severity_to_string(severity), subject, part);
}

/* As /proc/modules has it with nvidia. */
static void nvidia(struct scene *s)
{
	module(s, "ext4", "");
	module(s, "nvidia_uvm", "");
	module(s, "nvidia_drm", "");
	module(s, "nvidia_modeset", "nvidia_drm");
	module(s, "nvidia", "nvidia_uvm,nvidia_modeset");
	module(s, "drm", "nvidia_drm,drm_kms_helper");
	module(s, "drm_kms_helper", "nvidia_drm");
}

static void nothing(void **state)
{
	struct scene *s = *state;

	assert_order(s, "");
	nvidia(s);
	assert_order(s, "");
	hook(s, "none", "amdgpu i915");
	assert_order(s, "");
	assert_int_equal(s->findings.n, 0);
}

/* Users before what they use, whatever the order in the hook is; it counts for the rest.
 */
static void order(void **state)
{
	struct scene *s = *state;

	nvidia(s);
	hook(s, "nvidia", "nvidia nvidia_modeset nvidia_drm nvidia_uvm")->required = true;
	assert_order(s, "nvidia_drm nvidia_modeset nvidia_uvm nvidia");
	for (size_t i = 0; i < s->removals.n; i++) {
		assert_ptr_equal(s->removals.items[i].hook, &s->hooks[0]);
		assert_true(s->removals.items[i].required);
	}
}

static void users_nobody_named(void **state)
{
	struct scene *s = *state;
	const struct wb_removal *r;

	nvidia(s);
	hook(s, "nvidia", "nvidia");
	assert_order(s, "nvidia_uvm nvidia_drm nvidia_modeset nvidia");
	r = wb_removals_find(&s->removals, "nvidia_drm");
	assert_non_null(r);
	assert_non_null(strstr(r->because, "nvidia_modeset"));
	/* They go for the sake of the hook, and count as much as what it names. */
	assert_ptr_equal(r->hook, &s->hooks[0]);
	assert_false(r->required);
	assert_null(wb_removals_find(&s->removals, "ext4"));
}

static void put_device(struct scene *s, char *id, char *name)
{
	static char pci[] = "pci";

	s->device = (struct wb_device){
		.bus = pci, .id = id, .path = id, .driver = name, .module = name
	};
	s->facts.n_devices = 1;
}

/* Of a driver that neither a hook nor the table knows. */
static void displays(void **state)
{
	struct scene *s = *state;
	char id[] = "0000:01:00.0", name[] = "nvidia_modeset", builtin[] = "newdrm";
	const struct wb_removal *r;

	nvidia(s);
	put_device(s, id, name);
	assert_order(s, "");
	s->device.display = true;
	assert_order(s, "nvidia_drm nvidia_modeset");
	r = wb_removals_find(&s->removals, "nvidia_modeset");
	assert_non_null(strstr(r->because, id));
	assert_string_equal(r->origin, "class");
	assert_null(r->hook);
	assert_true(r->required);
	/* Not loaded, and so part of the kernel: that can only be unbound. */
	s->device.module = builtin;
	assert_order(s, "");
	assert_int_equal(s->judgements.items[0].verdict, WB_VERDICT_UNBIND);
	s->device.module = NULL;
	assert_order(s, "");
	assert_int_equal(s->judgements.items[0].verdict, WB_VERDICT_UNBIND);
}

static void in_the_table(void **state)
{
	struct scene *s = *state;
	char id[] = "0000:01:00.0", name[] = "nvidia";

	nvidia(s);
	put_device(s, id, name);
	assert_order(s, "nvidia_uvm nvidia_drm nvidia_modeset nvidia");
	assert_string_equal(wb_removals_find(&s->removals, "nvidia")->origin, "table");
	assert_non_null(strstr(wb_removals_find(&s->removals, "nvidia")->because, id));
	/* Below the root nothing is cut off, and who asks for it is refused. */
	s->device.carries_root = true;
	assert_order(s, "");
	assert_int_equal(s->judgements.items[0].verdict, WB_VERDICT_KEEP);
	assert_null(wb_findings_blocker(&s->findings));
	unload(s, "nvidia");
	assert_int_equal(build(s), 0);
	assert_found(s, WB_BLOCKER, "nvidia", "file systems");
}

/* Two that have nothing to do with each other may go at the same time. */
static void levels(void **state)
{
	static const unsigned int expected[] = { 0, 0, 1, 1, 2 };
	struct scene *s = *state;

	module(s, "top", "");
	module(s, "left", "top");
	module(s, "right", "top");
	module(s, "bottom", "left,right");
	module(s, "other", "");
	unload(s, "bottom other");
	assert_order(s, "other top left right bottom");
	for (size_t i = 0; i < s->removals.n; i++)
		assert_int_equal(s->removals.items[i].level, expected[i]);
}

/* What took the GPU's driver with symbol_get() is no user in the graph. */
static void order_of_the_hook(void **state)
{
	struct scene *s = *state;

	module(s, "nvidia", "nvidia_uvm");
	module(s, "nvidia_uvm", "");
	module(s, "nvidia_fs", "");
	module(s, "other", "");
	hook(s, "nvidia", "nvidia_fs gdrdrv nvidia");
	unload(s, "other");
	assert_order(s, "nvidia_fs other nvidia_uvm nvidia");
	assert_int_equal(wb_removals_find(&s->removals, "nvidia_fs")->level, 0);
	assert_int_equal(wb_removals_find(&s->removals, "nvidia")->level, 1);
	/* A hook that is not used orders nothing. */
	s->hooks[0].phase = WB_HOOK_LATE;
	assert_int_equal(wb_strv_append(&s->request.unload, "nvidia"), 0);
	assert_int_equal(wb_strv_append(&s->request.unload, "nvidia_fs"), 0);
	assert_order(s, "nvidia_fs other nvidia_uvm nvidia");
	/* Nor one without the other. */
	s->hooks[0].phase = WB_HOOK_QUIESCE;
	keep(s, "nvidia_fs");
	assert_order(s, "other nvidia_uvm nvidia");
}

/* The graph decides then. */
static void hooks_that_contradict_each_other(void **state)
{
	struct scene *s = *state;

	module(s, "a", "");
	module(s, "b", "");
	module(s, "c", "a");
	hook(s, "one", "a b c");
	hook(s, "two", "b a");
	assert_order(s, "a b c");
	assert_int_equal(s->removals.items[0].level, 0);
	assert_int_equal(s->removals.items[1].level, 0);
	assert_int_equal(s->removals.items[2].level, 1);
}

static void hooks_that_are_not_used(void **state)
{
	struct scene *s = *state;
	char problem[] = "it is broken";

	nvidia(s);
	hook(s, "broken", "nvidia")->problem = problem;
	hook(s, "later", "ext4")->phase = WB_HOOK_LATE;
	assert_order(s, "");
}

static void asked_for(void **state)
{
	struct scene *s = *state;

	nvidia(s);
	unload(s, "ext4");
	assert_order(s, "ext4");
	assert_true(s->removals.items[0].required);
	assert_non_null(strstr(s->removals.items[0].because, "--unload"));
}

static void asked_for_in_vain(void **state)
{
	struct scene *s = *state;

	nvidia(s);
	assert_int_equal(wb_strv_append(&s->facts.known_modules, "mlx5_core"), 0);
	assert_int_equal(wb_strv_append(&s->facts.builtin_modules, "8250"), 0);
	unload(s, "mlx5_core 8250 nonsense");
	assert_order(s, "");
	assert_found(s, WB_INFO, "mlx5_core", "not loaded");
	assert_found(s, WB_BLOCKER, "8250", "built into");
	assert_found(s, WB_BLOCKER, "nonsense", "no module of that name");
}

/* "leave this module and what it needs" */
static void kept(void **state)
{
	struct scene *s = *state;

	nvidia(s);
	hook(s, "nvidia", "nvidia nvidia_modeset nvidia_drm nvidia_uvm");
	keep(s, "nvidia_modeset");
	assert_order(s, "nvidia_drm nvidia_uvm");
	assert_found(s, WB_INFO, "nvidia_modeset", "--keep");
	assert_found(s, WB_INFO, "nvidia", "nvidia_modeset");
	assert_null(wb_findings_blocker(&s->findings));
}

static void kept_at_the_bottom(void **state)
{
	struct scene *s = *state;

	nvidia(s);
	hook(s, "nvidia", "nvidia");
	keep(s, "nvidia");
	/* What uses it may go. */
	assert_order(s, "nvidia_uvm nvidia_drm nvidia_modeset");
}

static void put_gpu(struct scene *s, char *id, char *name)
{
	put_device(s, id, name);
	s->device.class = 0x030000;
	s->device.display = true;
}

/* Who keeps the driver itself is told what for, and who keeps another is not obeyed. */
static void kept_though_it_has_to_go(void **state)
{
	struct scene *s = *state;
	char id[] = "0000:01:00.0", name[] = "nvidia";

	nvidia(s);
	put_gpu(s, id, name);
	hook(s, "nvidia", "nvidia nvidia_modeset nvidia_drm nvidia_uvm")->required = true;
	keep(s, "nvidia_modeset");
	assert_order(s, "nvidia_drm nvidia_uvm");
	assert_found(s, WB_BLOCKER, "nvidia", "as long as nvidia_modeset stays, which");
	assert_found(s, WB_BLOCKER, "nvidia",
		     "0000:01:00.0 has to be put to rest (up to");
	assert_found(s, WB_INFO, "nvidia_modeset", "--keep");
	assert_int_equal(wb_strv_append(&s->request.keep, "nvidia"), 0);
	assert_order(s, "nvidia_drm nvidia_uvm");
	assert_null(wb_findings_blocker(&s->findings));
	assert_found(s, WB_WARNING, "nvidia", "0000:01:00.0 is not put to rest and may");
	/* Where it need not go that is no more than what was asked for. */
	s->hooks[0].required = false;
	free(s->request.keep[1]);
	s->request.keep[1] = NULL;
	assert_order(s, "nvidia_drm nvidia_uvm");
	assert_null(wb_findings_blocker(&s->findings));
	assert_found(s, WB_INFO, "nvidia", "because --keep=nvidia_modeset uses it");
}

/* It has no place in the graph, and the removal of the driver would fail. */
static void kept_though_it_holds_unseen(void **state)
{
	struct scene *s = *state;
	char id[] = "0000:01:00.0", name[] = "nvidia";

	nvidia(s);
	module(s, "nvidia_fs", "");
	put_gpu(s, id, name);
	hook(s, "nvidia", "nvidia_fs nvidia_uvm nvidia")->required = true;
	keep(s, "nvidia_fs");
	assert_order(s, "nvidia_uvm nvidia_drm nvidia_modeset");
	assert_found(s, WB_BLOCKER, "nvidia", "nvidia_fs");
	/* Of what is no GPU the list says nothing of that kind. */
	s->device.class = 0x020000;
	assert_order(s, "nvidia_uvm nvidia_drm nvidia_modeset nvidia");
	assert_null(wb_findings_blocker(&s->findings));
}

static void kept_though_not_loaded(void **state)
{
	struct scene *s = *state;

	nvidia(s);
	hook(s, "nvidia", "nvidia_uvm");
	keep(s, "amdgpu");
	assert_order(s, "nvidia_uvm");
	assert_found(s, WB_INFO, "amdgpu", "not loaded");
}

/* From a file that many machines may share, and that the operator may overrule. */
static void of_the_configuration(void **state)
{
	static const char text[] = "[Warmboot]\nUnload=ext4 nonsense\nKeep=nvidia_uvm\n";
	struct scene *s = *state;
	struct wb_config config = { 0 };

	assert_int_equal(wb_config_parse(&config, "/x", text, strlen(text)), 0);
	s->request.config = &config;
	nvidia(s);
	unload(s, "ext4 nonsense");
	keep(s, "nvidia_uvm");
	assert_order(s, "ext4");
	assert_non_null(strstr(s->removals.items[0].because, "Unload="));
	assert_found(s, WB_WARNING, "nonsense", "Unload=nonsense: this kernel has no");
	keep(s, "ext4");
	assert_order(s, "");
	assert_found(s, WB_INFO, "ext4", "stays loaded, as asked for with --keep");
	assert_null(wb_findings_blocker(&s->findings));
	unload(s, "nvidia");
	assert_order(s, "nvidia_drm nvidia_modeset");
	assert_found(s, WB_BLOCKER, "nvidia",
		     "--unload=nvidia and Keep=nvidia_uvm contradict");
	s->request.config = NULL;
	wb_config_done(&config);
}

static void contradictions(void **state)
{
	struct scene *s = *state;

	nvidia(s);
	unload(s, "nvidia");
	keep(s, "nvidia");
	assert_int_equal(build(s), 0);
	assert_found(s, WB_BLOCKER, "nvidia", "contradict");
}

static void contradictions_through_others(void **state)
{
	struct scene *s = *state;

	nvidia(s);
	unload(s, "nvidia");
	keep(s, "nvidia_drm");
	assert_int_equal(build(s), 0);
	assert_found(s, WB_BLOCKER, "nvidia", "nvidia_drm");
}

/* "The kernel's graph has no circles; a damaged fixture might." */
static void a_circle(void **state)
{
	struct scene *s = *state;

	module(s, "a", "b");
	module(s, "b", "c");
	module(s, "c", "a");
	unload(s, "a");
	assert_true(build(s) < 0);
	assert_int_equal(s->removals.n, 0);
}

static void a_module_that_uses_itself(void **state)
{
	struct scene *s = *state;

	module(s, "a", "a");
	unload(s, "a");
	assert_true(build(s) < 0);
}

static void a_user_that_is_not_there(void **state)
{
	struct scene *s = *state;

	module(s, "a", "ghost");
	unload(s, "a");
	assert_order(s, "ghost a");
}

/* Asked whether one in a circle is needed by one outside of it. */
static void a_circle_and_something_kept(void **state)
{
	struct scene *s = *state;

	module(s, "a", "b");
	module(s, "b", "a");
	module(s, "x", "");
	unload(s, "a");
	keep(s, "x");
	assert_true(build(s) < 0);
}

/* Refused before anything is touched, and not by trying. */
static void a_module_without_an_exit(void **state)
{
	struct scene *s = *state;

	module(s, "base", "top");
	module(s, "top", "");
	s->modules[1].permanent = true;
	unload(s, "base");
	assert_int_equal(build(s), 0);
	assert_non_null(wb_findings_blocker(&s->findings));
	assert_non_null(strstr(wb_findings_blocker(&s->findings)->message,
			       "top is to be removed (it uses base), and it cannot be"));
}

static void one_that_nobody_requires(void **state)
{
	struct scene *s = *state;

	module(s, "base", "");
	s->modules[0].permanent = true;
	hook(s, "bases", "base");
	assert_int_equal(build(s), 0);
	assert_null(wb_findings_blocker(&s->findings));
	assert_int_equal(s->findings.n, 1);
}

static void one_that_is_kept(void **state)
{
	struct scene *s = *state;

	module(s, "base", "");
	s->modules[0].permanent = true;
	hook(s, "bases", "base")->required = true;
	keep(s, "base");
	assert_int_equal(build(s), 0);
	assert_null(wb_findings_blocker(&s->findings));
}

/* Each of a pair is used by both of the next: 2^30 ways up, each module once. */
static void more_ways_than_anybody_can_walk(void **state)
{
	struct scene *s = *state;

	for (int i = 0; i < 30; i++)
		for (int side = 0; side < 2; side++) {
			char name[16], users[32] = "";

			snprintf(name, sizeof(name), "m%d%c", i, "ab"[side]);
			if (i < 29)
				snprintf(users, sizeof(users), "m%da,m%db", i + 1, i + 1);
			module(s, name, users);
		}
	module(s, "apart", "");
	unload(s, "m0a");
	keep(s, "apart");
	assert_int_equal(build(s), 0);
	assert_int_equal(s->removals.n, 59);
	assert_string_equal(s->removals.items[58].module, "m0a");
}

#define removal_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		removal_test(nothing),
		removal_test(order),
		removal_test(users_nobody_named),
		removal_test(displays),
		removal_test(in_the_table),
		removal_test(levels),
		removal_test(order_of_the_hook),
		removal_test(hooks_that_contradict_each_other),
		removal_test(hooks_that_are_not_used),
		removal_test(asked_for),
		removal_test(asked_for_in_vain),
		removal_test(kept),
		removal_test(kept_at_the_bottom),
		removal_test(kept_though_it_has_to_go),
		removal_test(kept_though_it_holds_unseen),
		removal_test(kept_though_not_loaded),
		removal_test(of_the_configuration),
		removal_test(contradictions),
		removal_test(contradictions_through_others),
		removal_test(a_circle),
		removal_test(a_module_that_uses_itself),
		removal_test(a_user_that_is_not_there),
		removal_test(a_circle_and_something_kept),
		removal_test(a_module_without_an_exit),
		removal_test(one_that_nobody_requires),
		removal_test(one_that_is_kept),
		removal_test(more_ways_than_anybody_can_walk),
	};

	return RUN_TESTS(tests);
}
