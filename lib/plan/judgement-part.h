/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Who is asked for a verdict, one after the other; judgement.c does it. */

#include "plan/judgement.h"

/* All: 0 or -ENOMEM. @ret stays as it is where nothing is said. */
_must_check_ int wb_judge_by_request(const struct wb_request *request,
				     const struct wb_facts *facts,
				     const struct wb_device *device,
				     struct wb_judgement *ret);
_must_check_ int wb_judge_by_hooks(const struct wb_facts *facts,
				   const struct wb_device *device,
				   struct wb_judgement *ret);
/* May it move data by itself, with a driver that is not of this kernel's tree? */
bool wb_judge_is_foreign(const struct wb_facts *facts, const struct wb_device *device);
/* Always says something. */
_must_check_ int wb_judge_by_class(const struct wb_facts *facts,
				   const struct wb_device *device,
				   struct wb_judgement *ret);
