// SPDX-License-Identifier: GPL-2.0
/*
 * Fixture: holds devices open until SIGTERM, under the names of programs that do.
 *   hold-device [--daemon] [DEVICE...]      default: /dev/nvidia0
 * --daemon returns once the devices are open, so that a started unit is one that holds
 * them.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int hold(const char *path)
{
	if (open(path, O_RDWR) >= 0)
		return 0;
	perror(path);
	return 1;
}

int main(int argc, char **argv)
{
	int at = 1, daemonize = argc > 1 && !strcmp(argv[1], "--daemon");

	at += daemonize;
	if (at == argc && hold("/dev/nvidia0"))
		return 1;
	for (; at < argc; at++)
		if (hold(argv[at]))
			return 1;
	if (daemonize && daemon(0, 0))
		return 1;
	for (;;)
		pause();
}
