// SPDX-License-Identifier: GPL-2.0-only
/*
 * IPI multiplexer: up to 32 virtual IPIs (vIPIs) on one parent IPI per CPU,
 * with a tracepoint wherever a vIPI changes hands or is switched: send, process,
 * mask, unmask.
 *
 * Each CPU owns two words. A sender sets a bit in the target's pending word and
 * raises the parent IPI only if that bit was clear and is enabled: a bit that
 * was already pending travels with the parent IPI raised for it earlier, and a
 * disabled one waits until the target enables it and raises itself.
 *
 * This file knows nothing about how the parent IPI is raised or acknowledged;
 * that is the interrupt controller driver which calls ipi_mux_create().
 */

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/irq.h>
#include <linux/irqflags.h>
#include <linux/irqdomain.h>
#include <linux/percpu.h>
#include <linux/smp.h>

#define CREATE_TRACE_POINTS
#include <trace/events/ipi_mux.h>

#define IPI_MUX_MAX_VIPIS	32

/*
 * @pending: vIPIs sent to this CPU and not yet taken by ipi_mux_process();
 *           written by every CPU.
 * @enabled: vIPIs this CPU accepts; written by this CPU alone.
 *
 * A sender needs both words, so they share a cache line, and share it with
 * nothing else.
 */
struct ipi_mux_cpu {
	atomic_t pending;
	atomic_t enabled;
};

static DEFINE_PER_CPU_SHARED_ALIGNED(struct ipi_mux_cpu, ipi_mux_cpus);

static struct irq_domain *ipi_mux_domain __read_mostly;
static void (*ipi_mux_raise_parent)(unsigned int cpu) __read_mostly;

/*
 * The rest of a send to one CPU, behind the barrier, while it is traced. A function
 * of its own, so that the path without it keeps its registers: what only the event
 * needs, the vIPI's number and the enabled word of a bit that was pending, is got
 * here.
 *
 * Interrupts are off for the event: one that came in the middle of it could send,
 * too, and tracers skip an event that nests in another of its kind. The other
 * events come with interrupts off anyway.
 */
static noinline void ipi_mux_send_mask_traced(struct irq_data *d, unsigned int cpu,
					      struct ipi_mux_cpu *target, u32 pending)
{
	unsigned int vipi = irqd_to_hwirq(d);
	u32 enabled = atomic_read(&target->enabled);
	u32 bit = BIT(vipi);
	unsigned long flags;

	/* Before the raise, so that no target is interrupted earlier. */
	local_irq_save(flags);
	trace_ipi_mux_send(cpu, vipi, pending, enabled);
	local_irq_restore(flags);

	if (!(pending & bit) && (enabled & bit))
		ipi_mux_raise_parent(cpu);
}

/* What only the event of a mask needs. Nothing is decided here. */
static noinline void ipi_mux_mask_traced(struct irq_data *d, struct ipi_mux_cpu *self)
{
	trace_ipi_mux_mask(irqd_to_hwirq(d), atomic_read(&self->pending));
}

static void ipi_mux_mask(struct irq_data *d)
{
	struct ipi_mux_cpu *self = this_cpu_ptr(&ipi_mux_cpus);

	atomic_andnot(BIT(irqd_to_hwirq(d)), &self->enabled);
	if (trace_ipi_mux_mask_enabled())
		ipi_mux_mask_traced(d, self);
}

static void ipi_mux_unmask(struct irq_data *d)
{
	struct ipi_mux_cpu *self = this_cpu_ptr(&ipi_mux_cpus);
	unsigned int vipi = irqd_to_hwirq(d);
	u32 pending;

	atomic_or(BIT(vipi), &self->enabled);

	/*
	 * Pairs with the barrier in ipi_mux_send_mask(): of a send and an
	 * unmask that meet, at least one sees what the other wrote and raises.
	 */
	smp_mb__after_atomic();
	pending = atomic_read(&self->pending);

	trace_ipi_mux_unmask(vipi, pending);
	if (pending & BIT(vipi))
		ipi_mux_raise_parent(smp_processor_id());
}

static void ipi_mux_send_mask(struct irq_data *d, const struct cpumask *targets)
{
	u32 bit = BIT(irqd_to_hwirq(d));
	unsigned int cpu;

	for_each_cpu(cpu, targets) {
		struct ipi_mux_cpu *target = per_cpu_ptr(&ipi_mux_cpus, cpu);
		u32 pending, enabled;

		/*
		 * Release: what the sender wrote before is visible to the
		 * handler, even if an IPI raised earlier by another CPU
		 * delivers this bit.
		 */
		pending = atomic_fetch_or_release(bit, &target->pending);

		/* Pairs with the barrier in ipi_mux_unmask(). */
		smp_mb__after_atomic();

		if (trace_ipi_mux_send_enabled()) {
			ipi_mux_send_mask_traced(d, cpu, target, pending);
			continue;
		}

		/*
		 * The branch is also what keeps a raise by relaxed MMIO behind
		 * the OR on architectures whose smp_mb() orders memory only.
		 */
		if (pending & bit)
			continue;
		enabled = atomic_read(&target->enabled);
		if (enabled & bit)
			ipi_mux_raise_parent(cpu);
	}
}

static struct irq_chip ipi_mux_chip = {
	.name		= "IPI Mux",
	.irq_mask	= ipi_mux_mask,
	.irq_unmask	= ipi_mux_unmask,
	.ipi_send_mask	= ipi_mux_send_mask,
};

static int ipi_mux_domain_alloc(struct irq_domain *domain, unsigned int virq,
				unsigned int nr_irqs, void *arg)
{
	unsigned int vipi;

	for (vipi = 0; vipi < nr_irqs; vipi++) {
		irq_set_percpu_devid(virq + vipi);
		irq_domain_set_info(domain, virq + vipi, vipi, &ipi_mux_chip,
				    NULL, handle_percpu_devid_irq, NULL, NULL);
	}
	return 0;
}

static const struct irq_domain_ops ipi_mux_domain_ops = {
	.alloc	= ipi_mux_domain_alloc,
	.free	= irq_domain_free_irqs_top,
};

/**
 * ipi_mux_process - handle this CPU's pending and enabled vIPIs
 *
 * Called by the parent's driver in hard interrupt context, after it has
 * acknowledged the parent IPI: a send that arrives later then raises it anew.
 */
void ipi_mux_process(void)
{
	struct ipi_mux_cpu *self = this_cpu_ptr(&ipi_mux_cpus);
	u32 enabled = atomic_read(&self->enabled);
	unsigned long handled;
	unsigned int vipi;
	u32 pending;

	/*
	 * Fully ordered: acquire for what the senders wrote, release so that
	 * the acknowledge cannot move past the clear. Disabled bits stay, for
	 * the unmask to find.
	 */
	pending = atomic_fetch_andnot(enabled, &self->pending);
	trace_ipi_mux_process(enabled, pending);

	handled = pending & enabled;
	for_each_set_bit(vipi, &handled, IPI_MUX_MAX_VIPIS)
		generic_handle_domain_irq(ipi_mux_domain, vipi);
}

/**
 * ipi_mux_create - multiplex virtual IPIs on one parent IPI per CPU
 * @nr_ipi:	number of vIPIs, 1 to 32
 * @mux_send:	raises the parent IPI on one CPU; called with the vIPI already
 *		set in that CPU's pending word
 *
 * There is one multiplexer in a system. A failure leaves nothing behind.
 *
 * Return: the first of @nr_ipi consecutive Linux interrupt numbers (per-CPU
 * interrupts, all masked), or zero or a negative error number.
 */
int ipi_mux_create(unsigned int nr_ipi, void (*mux_send)(unsigned int cpu))
{
	struct fwnode_handle *fwnode;
	struct irq_domain *domain;
	int virq;

	if (ipi_mux_domain)
		return -EEXIST;
	if (!mux_send || !nr_ipi || nr_ipi > IPI_MUX_MAX_VIPIS)
		return -EINVAL;

	fwnode = irq_domain_alloc_named_fwnode("IPI-Mux");
	if (!fwnode)
		return -ENOMEM;

	domain = irq_domain_create_linear(fwnode, nr_ipi, &ipi_mux_domain_ops, NULL);
	if (!domain) {
		virq = -ENOMEM;
		goto free_fwnode;
	}
	domain->flags |= IRQ_DOMAIN_FLAG_IPI_SINGLE;
	irq_domain_update_bus_token(domain, DOMAIN_BUS_IPI);

	virq = irq_domain_alloc_irqs(domain, nr_ipi, NUMA_NO_NODE, NULL);
	if (virq <= 0)
		goto remove_domain;

	/* Nothing can be sent before the caller has the interrupt numbers. */
	ipi_mux_raise_parent = mux_send;
	ipi_mux_domain = domain;
	return virq;

remove_domain:
	irq_domain_remove(domain);
free_fwnode:
	irq_domain_free_fwnode(fwnode);
	pr_err("ipi-mux: cannot create %u virtual IPIs: %d\n", nr_ipi, virq);
	return virq;
}
