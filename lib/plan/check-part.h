/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The functions behind the table of check.c. Each appends what it has to say, and nothing
 * where all is well: 0 or -ENOMEM. */

#include "plan/check.h"

#define WB_CHECK_FN(name)                                                                \
	_must_check_ int name(const struct wb_check_input *in, struct wb_findings *f)

/* check-machine.c: is this a machine that can be warm booted at all? */
WB_CHECK_FN(wb_check_lock);
WB_CHECK_FN(wb_check_unfinished);
WB_CHECK_FN(wb_check_container);
WB_CHECK_FN(wb_check_systemd);
WB_CHECK_FN(wb_check_kexec);
WB_CHECK_FN(wb_check_loaded);
WB_CHECK_FN(wb_check_limits);
WB_CHECK_FN(wb_check_xen);

/* check-request.c: how it is to be done. */
WB_CHECK_FN(wb_check_target);
WB_CHECK_FN(wb_check_hooks);
WB_CHECK_FN(wb_check_config);
WB_CHECK_FN(wb_check_visibility);
WB_CHECK_FN(wb_check_force);
WB_CHECK_FN(wb_check_fallback);

/* check-users.c: whose work would it end? */
WB_CHECK_FN(wb_check_inhibitors);
WB_CHECK_FN(wb_check_sessions);
WB_CHECK_FN(wb_check_guests);
WB_CHECK_FN(wb_check_containers);
WB_CHECK_FN(wb_check_packages);

/* check-state.c: is now a good moment? */
WB_CHECK_FN(wb_check_firmware);
WB_CHECK_FN(wb_check_mounts);
WB_CHECK_FN(wb_check_raid);
WB_CHECK_FN(wb_check_tpm);
WB_CHECK_FN(wb_check_virtual);
WB_CHECK_FN(wb_check_warm_boots);

/* check-taint.c: what has gone wrong in this boot. */
WB_CHECK_FN(wb_check_taint);
WB_CHECK_FN(wb_check_machine_checks);

/* check-kernel.c: what is to be booted. */
WB_CHECK_FN(wb_check_unlisted);
WB_CHECK_FN(wb_check_kernel);
WB_CHECK_FN(wb_check_dtb);
WB_CHECK_FN(wb_check_lost);
WB_CHECK_FN(wb_check_options);
WB_CHECK_FN(wb_check_memory);

/* check-signature.c: will the running kernel take it? */
WB_CHECK_FN(wb_check_signature);

/* check-target.c: will it find its root? */
WB_CHECK_FN(wb_check_initrd);
WB_CHECK_FN(wb_check_root);
WB_CHECK_FN(wb_check_modules);
