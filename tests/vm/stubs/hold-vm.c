// SPDX-License-Identifier: GPL-2.0
/*
 * Fixture: a guest, as far as the kernel's hypervisor is concerned: a virtual machine with one
 * processor, held until SIGTERM. /dev/kvm itself is closed again, as a caller may do.
 *   hold-vm [--keep-open]
 */
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int fail(const char *what)
{
	perror(what);
	return 1;
}

int main(int argc, char **argv)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), vm;

	if (kvm < 0)
		return fail("/dev/kvm");
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (vm < 0)
		return fail("KVM_CREATE_VM");
	if (ioctl(vm, KVM_CREATE_VCPU, 0) < 0)
		return fail("KVM_CREATE_VCPU");
	if (argc < 2 || strcmp(argv[1], "--keep-open") != 0)
		close(kvm);
	for (;;)
		pause();
}
