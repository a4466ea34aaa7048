/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the machine is, as plain data. One file beside this one reads each part. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/finding.h"
#include "facts/ready/ready.h"
#include "facts/verdict.h"
#include "sys/node.h"

/* Bytes of a file, unpacked where they are compressed: what kexec is to get, where the
 * file as it stands is not that. */
struct wb_piece {
	char *path; /* absolute in the root */
	uint64_t offset;
	uint64_t size; /* 0: to the end of the file */
	bool compressed;
};

/* By what a file is known again. */
struct wb_stamp {
	char *path; /* absolute in the root */
	uint64_t device;
	uint64_t inode;
	uint64_t size;
	uint64_t mtime_nsec;
};

/* Something bootable. The names of the fields are those of the JSON. */
struct wb_kernel {
	char *id;
	char *title;
	char *version; /* read from the image; NULL where that failed */
	char *linux;   /* the image, absolute in the root */
	char **initrd;
	char *options; /* the command line that the boot loader would give it */
	char *source;  /* the reader that found it */
	/* Its place in GRUB's menu, three words for each level: its number there, its
	 * title and its id, "" where it has none or nobody can be sure of it. */
	char **way;
	bool running;
	bool is_default;
	bool oneshot;
	bool bad;
	bool unread;  /* its entry is at fault already: its image was not looked at */
	bool unified; /* @linux is a unified kernel image */
	unsigned int profile; /* of such an image */
	bool unreadable;      /* for lack of rights: nothing is known to be wrong */
	char *problem;        /* a sentence; NULL where it can be started */
};

struct wb_module {
	char *name;
	unsigned int refcnt;
	char **holders; /* modules that use it */
	bool permanent;
	bool out_of_tree;      /* or unsigned, as those are that were built here */
	struct wb_node *nodes; /* that go by its name in /proc/devices and /proc/misc */
	size_t n_nodes;
};

/* What else than a process hangs on a device, and would feel it go. */
enum wb_use_kind {
	WB_USE_MOUNT,
	WB_USE_SWAP,
	WB_USE_STACK,   /* a block device made of it: md, dm, bcache; a pool of ZFS */
	WB_USE_NETWORK, /* an interface that is up */
	WB_USE_CONSOLE, /* of the kernel, "ttyS0" */
	WB_USE_SOUND,   /* an audio function that is a component of it */
	_WB_USE_KIND_MAX,
};

/* With what the name of an imported pool of ZFS begins. */
#define WB_USE_POOL "pool "

struct wb_use {
	enum wb_use_kind kind;
	/* "/srv", "/dev/sda2", "md0", "pool tank", "eth0", "ttyS0", "0000:00:1f.3" */
	char *name;
	char *unit; /* that ends it: "srv.mount"; NULL: none does */
};

struct wb_device {
	char *bus;         /* "pci", "virtio", "usb", "platform" */
	char *id;          /* "0000:01:00.0" */
	char *path;        /* below /sys: "devices/pci0000:00/..." */
	char *driver;      /* NULL: none is bound */
	char *module;      /* NULL: built in */
	char *modalias;    /* NULL: it has none */
	uint32_t class;    /* PCI class code, 0 elsewhere */
	uint16_t vendor;   /* of PCI, 0 elsewhere */
	uint16_t product;  /* of PCI, 0 elsewhere */
	bool display;      /* display class, or the virtio device inside one */
	bool boot_vga;     /* the firmware drew there, and the kernel may go on with it */
	bool removable;    /* behind a port that leads outside, as Thunderbolt */
	bool carries_root; /* the root, /usr, /var or the record is on it, or reached
			      through it */
	bool reaches_disk; /* an interface that is up, where disks elsewhere are in use */
	struct wb_node *nodes;
	size_t n_nodes;
	struct wb_use *uses;
	size_t n_uses;
};

struct wb_console {
	char *name;  /* "vtcon1" */
	char *title; /* "(M) frame buffer device" */
	bool bound;
};

/* A process that has a device node open or mapped. */
struct wb_holder {
	pid_t pid;
	uid_t uid;
	char *comm;
	char *unit;  /* of the system manager; NULL for none */
	char *inner; /* of its user's own manager, inside @unit; NULL for none */
	char *path;  /* the node as the process knows it */
	struct wb_node node;
	char **sessions; /* for which logind, or PID 1 for it, has it; see holder.h */
};

struct wb_holders {
	struct wb_holder *items;
	size_t n;
	size_t n_hidden; /* processes that could not be looked into */
	char **stuck; /* "python3 (pid 812)": hang, so that nobody sees what they map */
};

enum wb_hook_phase {
	WB_HOOK_QUIESCE,
	WB_HOOK_LATE,
	WB_HOOK_EXITRD, /* after the root is unmounted */
	_WB_HOOK_PHASE_MAX,
};

struct wb_hook {
	char *name;
	char *path; /* absolute in the root */
	char *description;
	char **modules;
	char **devices; /* globs */
	char **units;
	char **drivers;          /* globs: devices with them get @verdict */
	enum wb_verdict verdict; /* WB_VERDICT_NONE: as modules, unbind and phase say */
	char **unbind;           /* "0000:00:03.0", "class:0c0330", "driver:xhci_hcd" */
	char **match;            /* lines of alternatives, all of which have to hold */
	char **cmdline;          /* words for the next kernel; "!WORD": not beside it */
	char **early;            /* modules of which the next kernel needs one for that,
				    before it mounts its root */
	char **block;            /* modules that must not be loaded meanwhile */
	bool refuse_holders;     /* whoever has @devices open is a reason to refuse */
	enum wb_hook_phase phase;
	bool required;
	bool has_code; /* it is executable */
	uint64_t timeout_usec;
	struct wb_node *nodes; /* what @devices stand for on this machine */
	size_t n_nodes;
	bool used;     /* wb_hook_applies(), for all who ask later */
	char *problem; /* why it is refused; NULL where it is not */
};

/* Single facts about the system as a whole. */
struct wb_state {
	char *release;         /* of the running kernel */
	char *machine;         /* the word of uname(1): "x86_64", "aarch64" */
	char *cmdline;         /* /proc/cmdline */
	char *os_name;         /* PRETTY_NAME */
	char *kexec_program;   /* absolute; NULL: not installed */
	bool xen_halts;        /* as Xen's domain 0, or paravirtual */
	int kexec_loaded;      /* 1, 0; -1: the kernel knows no kexec */
	bool load_disabled;    /* kernel.kexec_load_disabled */
	bool systemd;          /* it is process 1 */
	char *container;       /* its manager; NULL: none */
	char *dmi;             /* the modalias of the board; NULL: it has none */
	char *unfinished;      /* id of a run that left something to undo; NULL: none */
	bool dracut_late;      /* the shutdown initramfs has our helper */
	pid_t lock_pid;        /* another warmboot at work; 0: none */
	char *lock_owner;      /* what that one wrote of itself */
	char **masked_targets; /* linked to /dev/null */
	char **targets;        /* names of the target units that are installed */
	/* CPUs that were taken out of use; functions of SR-IOV that are enabled. */
	unsigned int cpus_offline, virtual_functions;
};

struct wb_facts {
	struct wb_state state;
	struct wb_kernel *kernels;
	size_t n_kernels;
	/* Sentences: partitions and menus whose boot entries are not known, and why. */
	char **unlisted;
	struct wb_module *modules;
	size_t n_modules;
	struct wb_device *devices;
	size_t n_devices;
	struct wb_console *consoles;
	size_t n_consoles;
	bool consoles_fixed; /* the kernel does not take them from their devices */
	struct wb_hook *hooks;
	size_t n_hooks;
	struct wb_holders holders; /* of the nodes of all devices and hooks */
	struct wb_ready ready;
	char **units;           /* units of the system manager with a process */
	char **known_modules;   /* of @unload: those that the running kernel has */
	char **builtin_modules; /* of @unload: those that are built into it */
};

/* What the request makes worth looking at beyond the usual places. */
struct wb_facts_hint {
	const char *kernel_path; /* NULL: none */
	bool without_kernels;    /* an image is loaded already */
	char *const *unload;
};

/* Read all of it. Parts that a machine does not have are empty; 0 or negative errno. */
_must_check_ int wb_facts_gather(const struct wb_root *root,
				 const struct wb_facts_hint *hint, struct wb_facts *ret);
void wb_facts_done(struct wb_facts *facts);
