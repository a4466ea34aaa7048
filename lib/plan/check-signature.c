/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Will the running kernel take the image? Which key, which mode, in words. */

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "plan/check-part.h"

/* "lockdown=integrity, Secure Boot on"; the caller's. */
static char *describe_mode(const struct wb_trust *t)
{
	_cleanup_strv_ char **words = NULL;
	int r = 0;

	if (t->lockdown && strcmp(t->lockdown, "none") != 0)
		r = wb_strv_appendf(&words, "lockdown=%s", t->lockdown);
	if (r >= 0 && t->forces)
		r = wb_strv_append(&words, "CONFIG_KEXEC_SIG_FORCE");
	if (r >= 0 && t->secure_boot >= 0)
		r = wb_strv_append(&words,
				   t->secure_boot ? "Secure Boot on" : "Secure Boot off");
	if (r >= 0 && t->shim_unchecked)
		r = wb_strv_append(&words, "shim checks nothing");
	return r < 0 ? NULL : wb_strv_join(words, ", ");
}

static bool is_known(const struct wb_trust *t, char *const *names)
{
	/* Of an authority with both, the kernel puts the organization before the common
	 * name (x509_fabricate_name()). */
	for (; names && *names; names++)
		for (char **key = t->keys; key && *key; key++)
			if (strstr(*key, *names))
				return true;
	return false;
}

static int refuse_unsigned(const struct wb_check_input *in, const char *mode,
			   struct wb_findings *f)
{
	int r = wb_findings_add(
		f, WB_BLOCKER, "signature",
		"the running kernel takes signed images only (%s), and %s "
		"bears no signature",
		mode, in->choice->kernel->linux);

	return wb_findings_advise(
		f, r,
		"sign it with sbsign and a key that mokutil --import has made known, start "
		"a kernel of the distribution, or use an ordinary reboot");
}

static int refuse_all(const char *mode, struct wb_findings *f)
{
	int r = wb_findings_add(f, WB_BLOCKER, "signature",
				"the running kernel takes signed images only (%s), and "
				"was built without CONFIG_KEXEC_SIG: it can check none",
				mode);

	return wb_findings_advise(f, r, "use an ordinary reboot");
}

static int refuse_device_tree(const struct wb_check_input *in, const char *mode,
			      struct wb_findings *f)
{
	const char *origin = in->request->dtb_origin ? in->request->dtb_origin : "--dtb";
	int r = wb_findings_add(f, WB_BLOCKER, "signature",
				"%s goes by kexec_load(2) alone, which checks no "
				"signature, and the running kernel takes signed images "
				"only (%s)",
				origin, mode);

	return wb_findings_advise(f, r, "leave it out");
}

static int say_signed(const struct wb_check_input *in, const char *mode,
		      struct wb_findings *f)
{
	const struct wb_trust *t = &in->facts->ready.trust;
	char *const *names = in->target->signature.names;
	_cleanup_free_ char *list = NULL;
	int r;

	list = names ? wb_strv_join(names, ", ") : strdup("a name that is not in it");
	if (!list)
		return -ENOMEM;
	/* Who may not see the keys cannot tell. */
	if (!t->keys || !names || is_known(t, names))
		return wb_findings_add(
			f, WB_INFO, "signature",
			"the running kernel takes signed images only (%s); "
			"%s is signed by: %s",
			mode, in->choice->kernel->linux, list);
	r = wb_findings_add(f, WB_WARNING, "signature",
			    "the running kernel takes signed images only (%s); %s is "
			    "signed by: %s, and none of its keys has such a name",
			    mode, in->choice->kernel->linux, list);
	return wb_findings_advise(
		f, r,
		"make the certificate known with mokutil --import and restart once "
		"through the firmware");
}

/* The signature is in an attribute of the file, or behind the image: neither is looked
 * at, and the trial load of "check" and of each run tells. kexec_load(2) it never lets
 * pass. */
static int say_appraised(const struct wb_check_input *in, struct wb_findings *f)
{
	static const char rule[] = "appraise func=KEXEC_KERNEL_CHECK";
	int r;

	if (in->request->dtb)
		return refuse_device_tree(in, rule, f);
	r = wb_findings_add(
		f, WB_WARNING, "signature",
		"IMA's policy lets the running kernel take no image without a "
		"signature for IMA (%s), and that of %s is not looked at "
		"before it is loaded",
		rule, in->choice->kernel->linux);
	return wb_findings_advise(f, r,
				  "where the kernel refuses it, sign it with evmctl "
				  "ima_sign, or use an ordinary reboot");
}

int wb_check_signature(const struct wb_check_input *in, struct wb_findings *f)
{
	const struct wb_trust *t = &in->facts->ready.trust;
	const struct wb_signature *s = &in->target->signature;
	_cleanup_free_ char *mode = NULL;

	if (in->choice->kernel->problem)
		return 0;
	if (!wb_trust_demands_signature(t))
		return t->appraises ? say_appraised(in, f) : 0;
	mode = describe_mode(t);
	if (!mode)
		return -ENOMEM;
	if (in->request->dtb)
		return refuse_device_tree(in, mode, f);
	if (t->config_known && !t->verifies && !t->forces)
		return refuse_all(mode, f);
	if (!s->looked)
		return 0;
	return s->present ? say_signed(in, mode, f) : refuse_unsigned(in, mode, f);
}
