// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vIPIs of the multiplexer as the stimulus handles them: send, mask, unmask,
 * and a handler that counts in the place of the kernel's own.
 */
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "stimulus.h"

#define MAX_VIRQS	4096

static unsigned int patience = 8;
module_param(patience, uint, 0444);
MODULE_PARM_DESC(patience, "s that a vIPI is waited for: longer than a busy host stops a CPU");

unsigned int nr_vipis;
unsigned long adopted;

static unsigned int virqs[MAX_VIPIS];
static irq_handler_t originals[MAX_VIPIS];
static DEFINE_PER_CPU(unsigned long[MAX_VIPIS], handled);

int find_vipis(void)
{
	/* How many interrupts there are is asked for in another way in each kernel. */
	for (unsigned int virq = 1; virq < MAX_VIRQS; virq++) {
		struct irq_data *d = irq_get_irq_data(virq);

		if (!d || !d->chip || !d->chip->name || strcmp(d->chip->name, "IPI Mux"))
			continue;
		if (irqd_to_hwirq(d) >= MAX_VIPIS || !irq_data_to_desc(d)->action)
			return -EINVAL;
		virqs[irqd_to_hwirq(d)] = virq;
		nr_vipis++;
	}
	return nr_vipis ? 0 : -ENODEV;
}

static struct irqaction *action_of(unsigned int vipi)
{
	struct irq_data *d = irq_get_irq_data(virqs[vipi]);

	return irq_data_to_desc(d)->action;
}

static irqreturn_t count_handled(int irq, void *unused)
{
	unsigned long *counts = this_cpu_ptr(handled);
	unsigned int vipi = irqd_to_hwirq(irq_get_irq_data(irq));

	/* Only this CPU writes, in hard interrupt context. */
	WRITE_ONCE(counts[vipi], counts[vipi] + 1);
	return IRQ_HANDLED;
}

u64 handled_at;
unsigned long gaps[NR_GAPS];

static irqreturn_t count_and_time_handled(int irq, void *unused)
{
	u64 now = ktime_get_mono_fast_ns();
	u64 gap = now - handled_at;

	gaps[gap ? min(__fls(gap), NR_GAPS - 1UL) : 0]++;
	WRITE_ONCE(handled_at, now);
	return count_handled(irq, unused);
}

void time_handling(unsigned int vipi, bool timed)
{
	memset(gaps, 0, sizeof(gaps));
	handled_at = ktime_get_mono_fast_ns();
	WRITE_ONCE(action_of(vipi)->handler, timed ? count_and_time_handled : count_handled);
}

unsigned long handled_by(unsigned int cpu, unsigned int vipi)
{
	return READ_ONCE(per_cpu(handled, cpu)[vipi]);
}

void send(unsigned int vipi, const struct cpumask *cpus)
{
	struct irq_data *d = irq_get_irq_data(virqs[vipi]);

	d->chip->ipi_send_mask(d, cpus);
}

/* On this CPU, whatever the context. */
void mask_here(unsigned long vipis)
{
	unsigned int vipi;

	for_each_set_bit(vipi, &vipis, MAX_VIPIS)
		disable_percpu_irq(virqs[vipi]);
}

void unmask_here(unsigned long vipis)
{
	unsigned int vipi;

	for_each_set_bit(vipi, &vipis, MAX_VIPIS)
		enable_percpu_irq(virqs[vipi], IRQ_TYPE_NONE);
}

static void mask_call(void *vipis)
{
	mask_here(*(unsigned long *)vipis);
}

static void unmask_call(void *vipis)
{
	unmask_here(*(unsigned long *)vipis);
}

void mask_on(const struct cpumask *cpus, unsigned long vipis)
{
	on_each_cpu_mask(cpus, mask_call, &vipis, true);
}

void unmask_on(const struct cpumask *cpus, unsigned long vipis)
{
	on_each_cpu_mask(cpus, unmask_call, &vipis, true);
	drain(cpus);
}

static void nothing(void *unused)
{
}

/*
 * A CALL_FUNC is handled in the same process as a vIPI that was pending before
 * it, or in a later one; a second one in a process after that.
 */
void drain(const struct cpumask *cpus)
{
	on_each_cpu_mask(cpus, nothing, NULL, true);
	on_each_cpu_mask(cpus, nothing, NULL, true);
}

void restore(unsigned long vipis)
{
	unsigned int vipi;

	vipis &= adopted;
	for_each_set_bit(vipi, &vipis, MAX_VIPIS)
		WRITE_ONCE(action_of(vipi)->handler, originals[vipi]);
	adopted &= ~vipis;
}

void adopt(unsigned long vipis)
{
	unsigned int vipi;

	vipis &= ~adopted;
	for_each_set_bit(vipi, &vipis, MAX_VIPIS) {
		struct irqaction *action = action_of(vipi);

		originals[vipi] = action->handler;
		WRITE_ONCE(action->handler, count_handled);
	}
	adopted |= vipis;
}

/* Whether @cpu has handled @vipi @count times; false when patience ran out. */
static bool wait_handled(unsigned int cpu, unsigned int vipi, unsigned long count)
{
	u64 end = ktime_get_mono_fast_ns() + (u64)patience * NSEC_PER_SEC;

	while ((long)(handled_by(cpu, vipi) - count) < 0) {
		if (ktime_get_mono_fast_ns() > end)
			return false;
		cpu_relax();
	}
	return true;
}

int send_and_wait(unsigned int vipi, const struct cpumask *cpus, unsigned int count)
{
	while (count--) {
		unsigned long before[NR_CPUS];
		unsigned int cpu;

		for_each_cpu(cpu, cpus)
			before[cpu] = handled_by(cpu, vipi);
		preempt_disable();
		send(vipi, cpus);
		preempt_enable();
		for_each_cpu(cpu, cpus)
			if (!wait_handled(cpu, vipi, before[cpu] + 1))
				return -ETIMEDOUT;
		cond_resched();
	}
	return 0;
}

