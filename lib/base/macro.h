/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define _cleanup_(fn)    __attribute__((cleanup(fn)))
#define _cleanup_free_   _cleanup_(wb_freep)
#define _cleanup_close_  _cleanup_(wb_closep)
#define _cleanup_fclose_ _cleanup_(wb_fclosep)
#define _printf_(f, a)   __attribute__((format(printf, f, a)))
#define _must_check_     __attribute__((warn_unused_result))

#define TAKE_PTR(p)                                                                      \
	({                                                                               \
		__typeof__(p) _taken = (p);                                              \
		(p) = NULL;                                                              \
		_taken;                                                                  \
	})

#define TAKE_FD(fd)                                                                      \
	({                                                                               \
		int _taken = (fd);                                                       \
		(fd) = -1;                                                               \
		_taken;                                                                  \
	})

static inline void wb_freep(void *p)
{
	free(*(void **)p);
}

static inline void wb_closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void wb_fclosep(FILE **f)
{
	if (*f)
		fclose(*f);
}
