// SPDX-License-Identifier: GPL-2.0-only
//
// Adds the four events of tracepoints.h to the IPI multiplexer a kernel tree has, and changes nothing
// else of it: to mainline's kernel/irq/ipi-mux.c, the same from 6.3 to 7.3, and to none that does other
// things. Run by make-patch, which checks that every rule found its place.
//
// Each rule matches a function from its first statement to its last, without "...": the operations on the
// two words, their order and their barriers are the mechanism, and where one is missing, added or elsewhere,
// nobody has shown that an event there tells the truth. Variables may have other names, comments do not
// count.
//
// An event is behind a static branch: a no-op until somebody traces. Whatever only the event needs happens
// behind that branch, in a function of its own that is not inlined, so that the path without it keeps its
// registers and its stack frame.

// Only lines added: untraced, every statement is executed as before, the read of the enabled word included,
// which a coalesced send does not do. Traced, ipi_mux_send_traced() does what is left of this target: it
// starts behind the same barrier.
@send disable all@
iterator name for_each_cpu;
identifier d, targets, target, pcpu, bit, pending, cpu, bits, enable, raise;
@@
 static void ipi_mux_send_mask(struct irq_data *d, const struct cpumask *targets)
 {
 	struct ipi_mux_cpu *target = this_cpu_ptr(pcpu);
 	u32 bit = BIT(irqd_to_hwirq(d));
 	unsigned long pending;
 	int cpu;

 	for_each_cpu(cpu, targets) {
 		target = per_cpu_ptr(pcpu, cpu);
 		pending = atomic_fetch_or_release(bit, &target->bits);
 		smp_mb__after_atomic();
+
+		if (trace_ipi_mux_send_enabled()) {
+			ipi_mux_send_traced(cpu, target, bit, pending);
+			continue;
+		}
 		if (!(pending & bit) && (atomic_read(&target->enable) & bit))
 			raise(cpu);
 	}
 }

// The same for unmask: only lines added, and behind the barrier.
@unmask disable all@
identifier d, self, pcpu, bit;
identifier send.bits, send.enable, send.raise;
@@
 static void ipi_mux_unmask(struct irq_data *d)
 {
 	struct ipi_mux_cpu *self = this_cpu_ptr(pcpu);
 	u32 bit = BIT(irqd_to_hwirq(d));

 	atomic_or(bit, &self->enable);
 	smp_mb__after_atomic();
+
+	if (trace_ipi_mux_unmask_enabled()) {
+		ipi_mux_unmask_traced(self, bit);
+		return;
+	}
 	if (atomic_read(&self->bits) & bit)
 		raise(smp_processor_id());
 }

// The same read and the same fetch. What was fetched is kept whole until the event has seen it; the bits
// that are disabled are taken out of it before the first handler, as before. So is what bit 31 sets of the
// wider variable, as a sign: enabled has none.
@process disable all@
iterator name for_each_set_bit;
identifier self, pcpu, vipi, handled, enabled, domain;
identifier send.bits, send.enable;
@@
 void ipi_mux_process(void)
 {
 	struct ipi_mux_cpu *self = this_cpu_ptr(pcpu);
 	irq_hw_number_t vipi;
 	unsigned long handled;
 	unsigned int enabled;

 	enabled = atomic_read(&self->enable);
-	handled = atomic_fetch_andnot(enabled, &self->bits) & enabled;
+	handled = atomic_fetch_andnot(enabled, &self->bits);
+	trace_ipi_mux_process(enabled, handled);
+	handled &= enabled;
 	for_each_set_bit(vipi, &handled, BITS_PER_TYPE(int))
 		generic_handle_domain_irq(domain, vipi);
 }

// Only lines added, behind the one operation.
@mask disable all@
identifier d, self, pcpu;
identifier send.enable;
@@
 static void ipi_mux_mask(struct irq_data *d)
 {
 	struct ipi_mux_cpu *self = this_cpu_ptr(pcpu);

 	atomic_andnot(BIT(irqd_to_hwirq(d)), &self->enable);
+	if (trace_ipi_mux_mask_enabled())
+		ipi_mux_mask_traced(d, self);
 }

// A word that somebody else touches, and the events would not be the whole story.
@other@
identifier other != {ipi_mux_send_mask, ipi_mux_unmask, ipi_mux_mask, ipi_mux_process};
identifier send.bits, send.enable;
expression cpu;
@@
 other(...)
 {
 <+...
(
 cpu->bits
|
 cpu.bits
|
 cpu->enable
|
 cpu.enable
)
 ...+>
 }

@events depends on send && unmask && mask && process && !other@
@@
 #include <linux/smp.h>
+
+#define CREATE_TRACE_POINTS
+#include <trace/events/ipi_mux.h>

// What is called above, in front of the first function. The events take the vIPI's number from its bit: the
// number itself the mux does not keep. Comments come in rules of their own, for Coccinelle lays a function out
// anew, and badly, when a comment in front of it is new, too. That events are seen on a CPU that is not online
// is their own doing, see tracepoints.h.
@traced_send depends on events@
identifier send.enable, send.raise;
typedef u32;
attribute name noinline;
@@
+static noinline void ipi_mux_send_traced(unsigned int cpu, struct ipi_mux_cpu *target, u32 bit,
+					 u32 pending)
+{
+	u32 enabled = atomic_read(&target->enable);
+	unsigned long flags;
+
+	local_irq_save(flags);
+	trace_ipi_mux_send(cpu, __ffs(bit), pending, enabled);
+	local_irq_restore(flags);
+
+	if (!(pending & bit) && (enabled & bit))
+		raise(cpu);
+}
+
 static void ipi_mux_mask(...)
 {
 ...
 }

@depends on traced_send@
@@
+/*
+ * The rest of a send while it is traced: one read of the target's enabled word
+ * is shown and decides. Interrupts are off for the event: one in the middle of
+ * it could send, too, and tracers skip an event that nests in its own kind.
+ */
 static void ipi_mux_send_traced(...)
 {
 ...
 }

@traced_mask depends on traced_send@
identifier send.bits;
attribute name noinline;
@@
+static noinline void ipi_mux_mask_traced(struct irq_data *d, struct ipi_mux_cpu *self)
+{
+	trace_ipi_mux_mask(irqd_to_hwirq(d), atomic_read(&self->bits));
+}
+
 static void ipi_mux_mask(...)
 {
 ...
 }

@depends on traced_mask@
@@
+/* What only the event of a mask needs. */
 static void ipi_mux_mask_traced(...)
 {
 ...
 }

@traced_unmask depends on traced_mask@
identifier send.bits, send.raise;
typedef u32;
attribute name noinline;
@@
+static noinline void ipi_mux_unmask_traced(struct ipi_mux_cpu *self, u32 bit)
+{
+	u32 pending = atomic_read(&self->bits);
+
+	trace_ipi_mux_unmask(__ffs(bit), pending);
+	if (pending & bit)
+		raise(smp_processor_id());
+}
+
 static void ipi_mux_mask(...)
 {
 ...
 }

@depends on traced_unmask@
@@
+/* The rest of an unmask while it is traced. */
 static void ipi_mux_unmask_traced(...)
 {
 ...
 }
