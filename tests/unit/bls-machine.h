/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Machines with entries of the Boot Loader Specification. Whatever fails ends the test.
 */

#include "facts/kernel/kernel.h"
#include "machine.h"

struct bls_machine {
	struct fixture f;
	struct wb_state state;
	struct wb_kernels list;
};

int bls_setup(void **state);
int bls_teardown(void **state);

/* An image at @path, and its modules. */
void bls_image(struct bls_machine *m, const char *path, const char *version);
/* A variable of the Boot Loader Interface. */
void bls_efivar(struct bls_machine *m, const char *name, const char *value);
/* TOP/loader/entries/NAME.conf for TOP/linux-VERSION and TOP/initrd-VERSION. */
void bls_entry(struct bls_machine *m, const char *top, const char *name,
	       const char *version);
/* Read the entries of both types into the list. */
void bls_read(struct bls_machine *m);
const struct wb_kernel *bls_find(const struct bls_machine *m, const char *id);
/* Read; exactly these have the marks. NULL: none. */
void bls_assert_marks(struct bls_machine *m, const char *is_default, const char *oneshot);
/* Its problem says @part. */
void bls_assert_problem(const struct bls_machine *m, const char *id, const char *part);
