/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Can this machine be warm booted, this way, now? Facts in, findings out. */

#include "facts/target.h"
#include "plan/choice.h"

struct wb_check_input {
	const struct wb_request *request;
	const struct wb_facts *facts;
	const struct wb_choice *choice;
	const struct wb_target *target;
};

#define WB_TARGET_DEFAULT "multi-user.target"

_must_check_ int wb_check_all(const struct wb_check_input *in,
			      struct wb_findings *findings);
