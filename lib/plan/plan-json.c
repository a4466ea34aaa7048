/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/plan-json.h"

#include <limits.h>
#include <string.h>

#include "base/text.h"
#include "facts/kernel/kernel-json.h"
#include "facts/kernel/piece.h"
#include "facts/kernel/stamp.h"

static const struct {
	const char *key;
	size_t offset;
} vectors[] = {
	{ "argv", offsetof(struct wb_step, argv) },
	{ "undo_argv", offsetof(struct wb_step, undo_argv) },
	{ "environment", offsetof(struct wb_step, environment) },
	{ "devices", offsetof(struct wb_step, devices) },
	{ "held_by", offsetof(struct wb_step, held_by) },
	{ "spare", offsetof(struct wb_step, spare) },
	{ "modules", offsetof(struct wb_step, modules) },
};

static struct json_object *input_to_json(const struct wb_input *input, size_t i)
{
	_cleanup_json_ struct json_object *o = json_object_new_object();
	int r = o ? wb_json_add_u64(o, "fd", WB_INPUT_FD + i) : -ENOMEM;

	if (r >= 0)
		r = wb_json_add(o, "pieces",
				wb_pieces_to_json(input->pieces, input->n_pieces));
	return r < 0 ? NULL : TAKE_PTR(o);
}

static int add_inputs(struct json_object *o, const struct wb_step *s)
{
	_cleanup_json_ struct json_object *array = json_object_new_array();
	int r = array ? 0 : -ENOMEM;

	for (size_t i = 0; r >= 0 && i < s->n_inputs; i++)
		r = wb_json_append(array, input_to_json(&s->inputs[i], i));
	return r < 0 ? r : wb_json_add(o, "inputs", TAKE_PTR(array));
}

static struct json_object *step_to_json(const struct wb_step *s)
{
	_cleanup_json_ struct json_object *o = json_object_new_object();
	int r = o ? 0 : -ENOMEM;

	if (r >= 0)
		r = wb_json_add_string(o, "kind", wb_step_kind_to_string(s->kind));
	if (r >= 0)
		r = wb_json_add_string(o, "phase", wb_phase_to_string(s->phase));
	if (r >= 0)
		r = wb_json_add_string(o, "target", s->target);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(vectors); i++)
		r = wb_json_add_strv(o, vectors[i].key,
				     *(char **const *)((const char *)s +
						       vectors[i].offset));
	if (r >= 0)
		r = add_inputs(o, s);
	if (r >= 0)
		r = wb_json_add(o, "files", wb_stamps_to_json(s->files, s->n_files));
	if (r >= 0)
		r = wb_json_add_string(o, "because", s->because);
	if (r >= 0)
		r = wb_json_add_u64(o, "timeout_usec", s->timeout_usec);
	if (r >= 0)
		r = wb_json_add_u64(o, "group", s->group);
	if (r >= 0)
		r = wb_json_add_bool(o, "kill", s->kill);
	if (r >= 0)
		r = wb_json_add_bool(o, "look_only", s->look_only);
	if (r >= 0)
		r = wb_json_add_bool(o, "required", s->required);
	return r < 0 ? NULL : TAKE_PTR(o);
}

static struct json_object *finding_to_json(const struct wb_finding *f)
{
	_cleanup_json_ struct json_object *o = json_object_new_object();
	int r = o ? 0 : -ENOMEM;

	if (r >= 0)
		r = wb_json_add_string(o, "severity", wb_severity_to_string(f->severity));
	if (r >= 0)
		r = wb_json_add_string(o, "subject", f->subject);
	if (r >= 0)
		r = wb_json_add_string(o, "message", f->message);
	if (r >= 0)
		r = wb_json_add_string(o, "check", f->check);
	if (r >= 0)
		r = wb_json_add_string(o, "hint", wb_finding_hint(f));
	return r < 0 ? NULL : TAKE_PTR(o);
}

static int add_arrays(struct json_object *o, const struct wb_plan *plan)
{
	_cleanup_json_ struct json_object *steps = json_object_new_array();
	_cleanup_json_ struct json_object *findings = json_object_new_array();
	int r = steps && findings ? 0 : -ENOMEM;

	for (size_t i = 0; r >= 0 && i < plan->n_steps; i++)
		r = wb_json_append(steps, step_to_json(&plan->steps[i]));
	for (size_t i = 0; r >= 0 && i < plan->findings.n; i++)
		r = wb_json_append(findings, finding_to_json(&plan->findings.items[i]));
	if (r >= 0)
		r = wb_json_add(o, "steps", TAKE_PTR(steps));
	if (r >= 0)
		r = wb_json_add(o, "findings", TAKE_PTR(findings));
	return r;
}

struct json_object *wb_plan_to_json(const struct wb_plan *plan)
{
	_cleanup_json_ struct json_object *o = json_object_new_object();
	int r = o ? wb_json_add_string(o, "id", plan->id) : -ENOMEM;

	if (r >= 0 && plan->kernel.linux)
		r = wb_json_add(o, "kernel", wb_kernel_to_json(&plan->kernel));
	else if (r >= 0)
		r = wb_json_add_string(o, "kernel", NULL);
	if (r >= 0)
		r = wb_json_add_bool(o, "reboot", plan->reboot);
	if (r >= 0)
		r = add_arrays(o, plan);
	return r < 0 ? NULL : TAKE_PTR(o);
}

static int read_enum(struct json_object *o, const char *key,
		     int (*from_string)(const char *word), int *ret)
{
	_cleanup_free_ char *word = NULL;
	int r = wb_json_get_string(o, key, &word);

	if (r >= 0)
		r = word ? from_string(word) : -EINVAL;
	if (r < 0)
		return r;
	*ret = r;
	return 0;
}

static int input_from_json(struct json_object *o, struct wb_step *s)
{
	struct wb_input *grown, input = { 0 };
	int r = wb_pieces_from_json(wb_json_get_array(o, "pieces"), &input.pieces,
				    &input.n_pieces);

	if (r < 0)
		return r;
	grown = reallocarray(s->inputs, s->n_inputs + 1, sizeof(*grown));
	if (!grown) {
		wb_pieces_free(input.pieces, input.n_pieces);
		return -ENOMEM;
	}
	s->inputs = grown;
	grown[s->n_inputs++] = input;
	return 0;
}

/* Their numbers follow from their order. */
static int read_inputs(struct json_object *o, struct wb_step *s)
{
	struct json_object *array = wb_json_get_array(o, "inputs");
	int r = 0;

	for (size_t i = 0; array && r >= 0 && i < json_object_array_length(array); i++)
		r = input_from_json(json_object_array_get_idx(array, i), s);
	return r;
}

static int step_from_json(struct json_object *o, struct wb_plan *plan)
{
	_cleanup_free_ char *target = NULL, *because = NULL;
	uint64_t timeout_usec, group = 0;
	struct wb_step *s;
	int phase, kind, r;

	r = read_enum(o, "kind", wb_step_kind_from_string, &kind);
	if (r >= 0)
		r = read_enum(o, "phase", wb_phase_from_string, &phase);
	if (r >= 0)
		r = wb_json_get_string(o, "target", &target);
	if (r >= 0)
		r = wb_json_get_string(o, "because", &because);
	if (r >= 0)
		r = wb_json_get_u64(o, "timeout_usec", &timeout_usec);
	if (r < 0 || !target || !because)
		return r < 0 ? r : -EINVAL;
	s = wb_plan_add(plan, (enum wb_phase)phase, (enum wb_step_kind)kind, target,
			timeout_usec, "%s", because);
	if (!s)
		return -ENOMEM;
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(vectors); i++)
		r = wb_json_get_strv(o, vectors[i].key,
				     (char ***)((char *)s + vectors[i].offset));
	if (r >= 0)
		r = read_inputs(o, s);
	if (r >= 0)
		r = wb_json_get_u64(o, "group", &group);
	if (r >= 0 && group > UINT_MAX)
		r = -EINVAL;
	if (r >= 0)
		r = wb_json_get_bool(o, "kill", &s->kill);
	if (r >= 0)
		r = wb_json_get_bool(o, "look_only", &s->look_only);
	s->group = (unsigned int)group;
	if (r >= 0)
		r = wb_stamps_from_json(wb_json_get_array(o, "files"), &s->files,
					&s->n_files);
	return r < 0 ? r : wb_json_get_bool(o, "required", &s->required);
}

/* The hint stands at the end of the message, or it is none of it. */
static void find_hint(struct wb_finding *f, const char *hint)
{
	size_t n = strlen(f->message), n_hint = hint ? strlen(hint) : 0;

	if (n_hint > 0 && n > n_hint + strlen("; ") && wb_endswith(f->message, hint) &&
	    memcmp(f->message + n - n_hint - strlen("; "), "; ", strlen("; ")) == 0)
		f->hint = n - n_hint;
}

static int finding_from_json(struct json_object *o, struct wb_plan *plan)
{
	_cleanup_free_ char *subject = NULL, *message = NULL, *check = NULL, *hint = NULL;
	int severity, r;

	r = read_enum(o, "severity", wb_severity_from_string, &severity);
	if (r >= 0)
		r = wb_json_get_string(o, "subject", &subject);
	if (r >= 0)
		r = wb_json_get_string(o, "message", &message);
	if (r >= 0)
		r = wb_json_get_string(o, "check", &check);
	if (r >= 0)
		r = wb_json_get_string(o, "hint", &hint);
	if (r < 0 || !subject || !message)
		return r < 0 ? r : -EINVAL;
	r = wb_findings_add(&plan->findings, (enum wb_severity)severity, subject, "%s",
			    message);
	if (r < 0)
		return r;
	find_hint(&plan->findings.items[plan->findings.n - 1], hint);
	return check ? wb_findings_name(&plan->findings, plan->findings.n - 1, check) : 0;
}

static int each(struct json_object *o, const char *key, struct wb_plan *plan,
		int (*read)(struct json_object *item, struct wb_plan *plan))
{
	struct json_object *array = wb_json_get_array(o, key);
	int r = array ? 0 : -EINVAL;

	for (size_t i = 0; r >= 0 && i < json_object_array_length(array); i++)
		r = read(json_object_array_get_idx(array, i), plan);
	return r;
}

int wb_plan_from_json(struct json_object *o, struct wb_plan **ret)
{
	_cleanup_(wb_plan_freep) struct wb_plan *plan = calloc(1, sizeof(*plan));
	struct json_object *kernel;
	int r = plan ? wb_json_get_string(o, "id", &plan->id) : -ENOMEM;

	if (r >= 0 && !plan->id)
		r = -EINVAL;
	if (r >= 0 && json_object_object_get_ex(o, "kernel", &kernel) && kernel)
		r = wb_kernel_from_json(kernel, &plan->kernel);
	if (r >= 0)
		r = wb_json_get_bool(o, "reboot", &plan->reboot);
	if (r >= 0)
		r = each(o, "steps", plan, step_from_json);
	if (r >= 0)
		r = each(o, "findings", plan, finding_from_json);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(plan);
	return 0;
}
