/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who sends, for a moment: samples of the senders' tasks and kernel stacks, taken by
 * programs that are in the kernel all the time and attached only while they are wanted.
 * Needs a probe that was loaded before: that one has looked whether tracing is allowed.
 */
#ifndef SENDERS_H
#define SENDERS_H

#include "base/failure.h"
#include "events/senders_sample.h"
#include "machine/machine.h"

struct senders;

/*
 * Loads the programs, for @machine. The words of failures here are why it is not known who sends.
 * At the tracepoint, or, as @flags (PROBE_VIA_...) and the kernel want it, at the multiplexer's
 * function: through fentry, which needs the kernel's BTF, or, only by @flags, through a kprobe.
 */
struct failure *senders__load(struct senders **senders, const struct machine *machine,
			      unsigned int flags);
/* NULL is fine. */
void senders__free(struct senders *senders);

/* Starts a sample. */
struct failure *senders__start(struct senders *senders);
/* Ends it, and hands it over; free it in any case. */
struct failure *senders__stop(struct senders *senders, struct senders_sample *sample);
void senders_sample__free(struct senders_sample *sample);

#endif /* SENDERS_H */
