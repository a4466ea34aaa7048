/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What speaks for or against a restart now, beyond the drivers: whose work it would end,
 * what is under way, what has gone wrong. Plain data; what cannot be read is not known,
 * and is no error. Texts may be of users' making: a finding cleans them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sys/root.h"

/* What the running kernel asks of an image. */
struct wb_trust {
	char *lockdown;      /* "none", "integrity", "confidentiality"; NULL: not known */
	int secure_boot;     /* of the firmware: 1, 0; -1: it has none, or is not asked */
	bool shim_unchecked; /* shim's own check is off (mokutil --disable-validation) */
	bool config_known;   /* the next two are from the kernel's configuration */
	bool verifies;       /* CONFIG_KEXEC_SIG: it can tell a good signature */
	bool forces;         /* CONFIG_KEXEC_SIG_FORCE: and takes no other image */
	bool appraises; /* IMA: and none without its own signature, in security.ima */
	char **keys;    /* names of keys in its keyrings; NULL: none can be seen */
};

enum wb_inhibit_mode {
	WB_INHIBIT_DELAY,
	WB_INHIBIT_BLOCK_WEAK, /* since systemd 257: not against root */
	WB_INHIBIT_BLOCK,
};

/* Who has asked logind not to shut down. */
struct wb_inhibitor {
	enum wb_inhibit_mode mode;
	char *who, *why;
	uint64_t pid;
};

struct wb_ready {
	struct wb_trust trust;

	bool load_limited; /* kernel.kexec_load_limit_reboot is set */
	uint64_t loads_left;
	uint64_t memory_available; /* bytes; 0: not known */

	struct wb_inhibitor *inhibitors;
	size_t n_inhibitors;
	char **sessions;   /* of others: "alice on pts/3 from 10.0.0.2" */
	char **guests;     /* "vm1", "qemu-system-x86 (pid 812)" */
	bool guests_saved; /* libvirt-guests.service is there to save or stop them */
	char **containers; /* "web", "conmon (pid 913)" */
	char **installing; /* "dpkg (pid 812, /var/lib/dpkg/lock-frontend)" */
	bool pacman_left;  /* its lock is there, and pacman is not */

	char **firmware;     /* what waits for the firmware, a part of a sentence each */
	bool offline_update; /* systemd.offline-updates(7): the next boot installs */

	char **dead_mounts; /* "/srv (nfs4)": no answer in time */
	char **arrays;      /* "md0: resync, 12 %" */
	bool measured;      /* systemd-stub measured the image of this boot */
	char **tpm_volumes; /* of crypttab(5): unlocked by the TPM */
	char *hypervisor;   /* "QEMU"; NULL: none was recognized */
	uint64_t taint;     /* Documentation/admin-guide/tainted-kernels.rst */
	uint64_t corrected, uncorrected; /* errors of memory, since the boot */

	unsigned int warm_boots; /* in a row, this one included */
	uint64_t warm_usec;      /* since the first of them was begun */
};

/* 0 or -ENOMEM; wb_ready_done() frees @ret. */
_must_check_ int wb_ready_read(const struct wb_root *root, struct wb_ready *ret);
void wb_ready_done(struct wb_ready *ready);
/* Will the running kernel load nothing that is not signed? */
bool wb_trust_demands_signature(const struct wb_trust *trust);
