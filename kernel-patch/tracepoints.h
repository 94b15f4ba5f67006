/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The four events of the IPI multiplexer, kernel/irq/ipi-mux.c. Scalars only:
 * a raw tracepoint program reads them without type information. All come with
 * interrupts off: none nests in another.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM ipi_mux

#if !defined(_TRACE_IPI_MUX_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_IPI_MUX_H

#include <linux/cpumask.h>
#include <linux/sched.h>
#include <linux/tracepoint.h>

/*
 * The texts below are also evaluated in user space, by libtraceevent's parser for
 * perf and trace-cmd: nothing that it does not understand.
 */

/* A word as the numbers of its vIPIs: 0x12 is 1,4. */
#define ipi_mux_set(word)							\
	__print_flags(word, ",",							\
		{ 0x1, "0" }, { 0x2, "1" }, { 0x4, "2" }, { 0x8, "3" },			\
		{ 0x10, "4" }, { 0x20, "5" }, { 0x40, "6" }, { 0x80, "7" },		\
		{ 0x100, "8" }, { 0x200, "9" }, { 0x400, "10" }, { 0x800, "11" },	\
		{ 0x1000, "12" }, { 0x2000, "13" }, { 0x4000, "14" }, { 0x8000, "15" },	\
		{ 0x10000, "16" }, { 0x20000, "17" }, { 0x40000, "18" },		\
		{ 0x80000, "19" }, { 0x100000, "20" }, { 0x200000, "21" },		\
		{ 0x400000, "22" }, { 0x800000, "23" }, { 0x1000000, "24" },		\
		{ 0x2000000, "25" }, { 0x4000000, "26" }, { 0x8000000, "27" },		\
		{ 0x10000000, "28" }, { 0x20000000, "29" }, { 0x40000000, "30" },	\
		{ 0x80000000, "31" })

/*
 * trace_*() is silent on a CPU that is not online, because RCU may not be
 * watching there. But a CPU that goes offline sends and masks its vIPIs, and one
 * that comes up unmasks them, exactly while it is not online. RCU does watch
 * then: a CPU in bring-up since notify_cpu_starting(), a dying one until its idle
 * task reports it dead. After that report the idle task sends one CALL_FUNC more,
 * which stays unseen.
 *
 * So these events ask RCU, too. All else is left to trace_*(), above all what
 * keeps a tracer from going away meanwhile, for that differs: a non-preemptible
 * section in older kernels, SRCU in newer ones.
 */
#ifndef TRACE_HEADER_MULTI_READ
static inline bool ipi_mux_is_watched(unsigned int cpu)
{
	return cpu_online(cpu) ||
	       (rcu_is_watching() && !(cpu_dying(cpu) && is_idle_task(current)));
}
#endif
#define cpu_online(cpu)	ipi_mux_is_watched(cpu)

/**
 * ipi_mux_send - a vIPI was sent to one CPU
 * @cpu:	the target
 * @vipi:	the virtual IPI
 * @pending:	the target's pending word as it was before this send set its bit
 * @enabled:	the target's enabled word that decided whether to raise
 *
 * Called once a target, before the parent IPI is raised. The two bits it sees,
 * "was it pending" and "is it disabled", are its outcome: there are these four
 * and no other.
 */
TRACE_EVENT(ipi_mux_send,

	TP_PROTO(unsigned int cpu, unsigned int vipi, u32 pending, u32 enabled),

	TP_ARGS(cpu, vipi, pending, enabled),

	TP_STRUCT__entry(
		__field(unsigned int, cpu)
		__field(unsigned int, vipi)
		__field(u32, pending)
		__field(u32, enabled)
	),

	TP_fast_assign(
		__entry->cpu = cpu;
		__entry->vipi = vipi;
		__entry->pending = pending;
		__entry->enabled = enabled;
	),

	TP_printk("cpu=%u vipi=%u (pending=0x%x enabled=0x%x) %s",
		  __entry->cpu, __entry->vipi, __entry->pending, __entry->enabled,
		  __print_symbolic(((__entry->pending >> __entry->vipi) & 1) |
				   (((~__entry->enabled >> __entry->vipi) & 1) << 1),
				   { 0, "raised" },
				   { 1, "coalesced" },
				   { 2, "masked" },
				   { 3, "coalesced while masked" }))
);

/**
 * ipi_mux_unmask - this CPU enabled a vIPI
 * @vipi:	the virtual IPI
 * @pending:	this CPU's pending word, read after the vIPI was enabled
 *
 * With the vIPI's bit in @pending it is a kick: this CPU raises the parent IPI
 * on itself.
 */
TRACE_EVENT(ipi_mux_unmask,

	TP_PROTO(unsigned int vipi, u32 pending),

	TP_ARGS(vipi, pending),

	TP_STRUCT__entry(
		__field(unsigned int, vipi)
		__field(u32, pending)
	),

	TP_fast_assign(
		__entry->vipi = vipi;
		__entry->pending = pending;
	),

	TP_printk("vipi=%u (pending=0x%x)%s",
		  __entry->vipi, __entry->pending,
		  ((__entry->pending >> __entry->vipi) & 1) ? " kick" : "")
);

/**
 * ipi_mux_mask - this CPU disabled a vIPI
 * @vipi:	the virtual IPI
 * @pending:	this CPU's pending word, read after the vIPI was disabled
 *
 * A vIPI is masked and unmasked in turns. With its bit in @pending it stays
 * pending until the unmask, which is a kick then.
 */
TRACE_EVENT(ipi_mux_mask,

	TP_PROTO(unsigned int vipi, u32 pending),

	TP_ARGS(vipi, pending),

	TP_STRUCT__entry(
		__field(unsigned int, vipi)
		__field(u32, pending)
	),

	TP_fast_assign(
		__entry->vipi = vipi;
		__entry->pending = pending;
	),

	TP_printk("vipi=%u (pending=0x%x)%s",
		  __entry->vipi, __entry->pending,
		  ((__entry->pending >> __entry->vipi) & 1) ? " stays pending" : "")
);

#undef cpu_online

/**
 * ipi_mux_process - the multiplexer's handler took the pending vIPIs
 * @enabled:	this CPU's enabled word
 * @pending:	its pending word as it was before the enabled bits were cleared
 *
 * Called before the first handler: @pending & @enabled are handled next.
 */
TRACE_EVENT(ipi_mux_process,

	TP_PROTO(u32 enabled, u32 pending),

	TP_ARGS(enabled, pending),

	TP_STRUCT__entry(
		__field(u32, enabled)
		__field(u32, pending)
	),

	TP_fast_assign(
		__entry->enabled = enabled;
		__entry->pending = pending;
	),

	TP_printk("handled={%s} (pending=0x%x enabled=0x%x)%s",
		  ipi_mux_set(__entry->pending & __entry->enabled),
		  __entry->pending, __entry->enabled,
		  (__entry->pending & __entry->enabled) ? "" : " empty")
);

#endif /* _TRACE_IPI_MUX_H */

#include <trace/define_trace.h>
