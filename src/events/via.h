/* SPDX-License-Identifier: GPL-2.0-only */
/* How single events were seen. */
#ifndef VIA_H
#define VIA_H

enum events_via { EVENTS_VIA_TRACEPOINT, EVENTS_VIA_FENTRY, EVENTS_VIA_KPROBE, EVENTS_VIA_FTRACE };

#endif /* VIA_H */
