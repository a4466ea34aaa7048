/* SPDX-License-Identifier: GPL-2.0 */
/* Fixture: what the stand-ins for NVIDIA's modules share. */
#ifndef NVIDIA_STUB_H
#define NVIDIA_STUB_H

#define NVIDIA_MAJOR 195

int nvidia_stub_attach(void);
int nvidia_modeset_stub_attach(void);

#endif
