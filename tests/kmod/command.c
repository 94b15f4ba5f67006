// SPDX-License-Identifier: GPL-2.0-only
/*
 * A stimulus for the IPI multiplexer: makes each of its outcomes happen on
 * purpose, a known number of times. For tests and benchmarks in a guest, never
 * for a machine that does real work. Knows nothing of what traces the mux.
 *
 * In debugfs, ipimux-stimulus/:
 *
 *   run      takes one command a write; the write returns when it is done
 *   result   what the last command has to say, if anything
 *   handled  "VIPI HANDLED_BY_CPU0,HANDLED_BY_CPU1,..." of the adopted vIPIs
 *
 * Commands; CPUS, SENDERS and VIPIS are lists such as 0,2-3:
 *
 *   adopt VIPIS    puts a handler that only counts in the place of the kernel's
 *   restore VIPIS  and the kernel's back in its place
 *   mask VIPIS CPUS, unmask VIPIS CPUS
 *   send VIPI CPUS COUNT
 *                  sends to all of CPUS, COUNT times, and waits each time until
 *                  all have handled it: each send finds its bit clear
 *   post VIPI CPUS COUNT
 *                  sends and waits for nothing: for a vIPI that is masked
 *   storm VIPI TARGET SENDERS COUNT
 *                  COUNT sends by each of SENDERS at once, waiting for nothing;
 *                  returns when the last is handled
 *   call TARGET SENDERS COUNT
 *                  COUNT calls of a function on TARGET by each of SENDERS at once, each
 *                  waiting for its end: CALL_FUNCs, from stimulus_call()
 *   hold VIPIS TARGET SENDERS REPEAT ROUNDS enabled|masked|late
 *                  ROUNDS times, with the whole machine stopped and TARGET's
 *                  interrupts off: each of SENDERS sends each of VIPIS REPEAT
 *                  times; then TARGET turns its interrupts on
 *         masked   TARGET masks VIPIS before they are sent, unmasks them after
 *         late     TARGET masks VIPIS after they were sent, has its interrupts on
 *                  for a while, and unmasks them then
 *   wait VIPI TARGET SENDER US ROUNDS enabled|masked
 *                  as hold, one send a round, and US microseconds until TARGET goes on.
 *                  Result: the shortest and the longest, in ns, that it can have waited
 *   gaps VIPI TARGET SENDERS COUNT
 *                  as storm. Result: how long it took, in ns; then how often there were
 *                  from 1, 2, 4, 8, ... ns between two handlings, by this module's clock
 *   traffic VIPIS CPU SENDERS US ROUNDS open|masked
 *                  a round of each of SENDERS: sends VIPIS to CPU, three times in a row; then
 *                  US microseconds of quiet, with 0 until it is handled, for 0.3 ms at most.
 *                  ROUNDS of them, with 0 in the background until the next traffic or still.
 *                  Nothing else is sent to CPU for it, once it goes on
 *         masked   CPU is one of SENDERS: it masks the first of VIPIS while it sends them to
 *                  itself, without that first one in every other round
 *   still          ends the traffic. Result: how many rounds there were
 *   stall CPU MS   CPU, whenever it comes online, stands still for MS milliseconds in the
 *                  middle of that, with its interrupts off; with 0 it does not any more
 *   bench raised|coalesced|masked|kick|loop VIPI COUNT
 *                  from this CPU to itself, in a hundred parts with no tick in any.
 *                  Result: the time of all COUNT in ns, and of the quickest and of the
 *                  slowest part times a hundred; then how many times and in how many
 *                  parts it was done, one part to warm up included.
 *         raised   a send, its process and its handler
 *         coalesced, masked
 *                  a send that finds its bit pending; enabled, or masked. Before each
 *                  part, one send sets it; after it, that one is handled
 *         kick     a mask, a send, an unmask, its process and its handler
 *         loop     all around a send, but no send
 *
 * The caller's CPU is the sender, except storm, call, hold, wait, gaps and traffic. Only
 * vIPIs that are adopted are sent, and those that the kernel sends by itself at any time.
 */
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "stimulus.h"

#define MAX_COUNT	100000000U

/* One command at a time. Protects all that is static here, and vipi.c's state. */
static DEFINE_MUTEX(run_lock);
static char result[1024];

static int parse_vipis(const char *text, unsigned long *vipis)
{
	DECLARE_BITMAP(bits, MAX_VIPIS);

	if (bitmap_parselist(text, bits, nr_vipis) || bitmap_empty(bits, nr_vipis))
		return -EINVAL;
	*vipis = bits[0] & GENMASK(MAX_VIPIS - 1, 0);
	return 0;
}

static int parse_vipi(const char *text, unsigned int *vipi)
{
	if (kstrtouint(text, 10, vipi) || *vipi >= nr_vipis)
		return -EINVAL;
	return 0;
}

static int parse_cpu(const char *text, unsigned int *cpu)
{
	if (kstrtouint(text, 10, cpu) || *cpu >= nr_cpu_ids || !cpu_online(*cpu))
		return -EINVAL;
	return 0;
}

static int parse_cpus(const char *text, struct cpumask *cpus)
{
	if (cpulist_parse(text, cpus) || cpumask_empty(cpus) ||
	    !cpumask_subset(cpus, cpu_online_mask))
		return -EINVAL;
	return 0;
}

static int parse_count(const char *text, unsigned int *count)
{
	if (kstrtouint(text, 10, count) || !*count || *count > MAX_COUNT)
		return -EINVAL;
	return 0;
}

/* May @vipis be sent? Says why not. */
static int check_harmless(unsigned long vipis)
{
	vipis &= ~(adopted | NATURAL);
	if (!vipis)
		return 0;
	snprintf(result, sizeof(result), "not harmless, and not adopted: vIPIs 0x%lx\n", vipis);
	return -EPERM;
}

static int check_adopted(unsigned long vipis)
{
	vipis &= ~adopted;
	if (!vipis)
		return 0;
	snprintf(result, sizeof(result), "not adopted: vIPIs 0x%lx\n", vipis);
	return -EPERM;
}

static int parse_how(const char *text, enum how *how)
{
	static const char *const names[] = {
		[HOW_ENABLED] = "enabled", [HOW_MASKED] = "masked", [HOW_LATE] = "late"
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(text, names[i])) {
			*how = i;
			return 0;
		}
	}
	return -EINVAL;
}

/* --- what a command's words mean; @word[0] is the first behind its name --- */

static int change_vipis(char **word, void (*change)(unsigned long vipis))
{
	unsigned long vipis;
	int err = parse_vipis(word[0], &vipis);

	if (!err)
		change(vipis);
	return err;
}

static int do_adopt(char **word)
{
	return change_vipis(word, adopt);
}

static int do_restore(char **word)
{
	return change_vipis(word, restore);
}

static int change_vipis_on(char **word,
			   void (*change_on)(const struct cpumask *cpus, unsigned long vipis))
{
	static struct cpumask cpus;
	unsigned long vipis;
	int err = parse_vipis(word[0], &vipis) ?: parse_cpus(word[1], &cpus) ?:
		  check_adopted(vipis);

	if (!err)
		change_on(&cpus, vipis);
	return err;
}

static int do_mask(char **word)
{
	return change_vipis_on(word, mask_on);
}

static int do_unmask(char **word)
{
	return change_vipis_on(word, unmask_on);
}

static int do_send(char **word)
{
	static struct cpumask cpus;
	unsigned int vipi, count;
	int err = parse_vipi(word[0], &vipi) ?: parse_cpus(word[1], &cpus) ?:
		  parse_count(word[2], &count) ?: check_adopted(BIT(vipi));

	return err ?: send_and_wait(vipi, &cpus, count);
}

static int do_post(char **word)
{
	static struct cpumask cpus;
	unsigned int vipi, count;
	int err = parse_vipi(word[0], &vipi) ?: parse_cpus(word[1], &cpus) ?:
		  parse_count(word[2], &count) ?: check_harmless(BIT(vipi));

	for (unsigned int i = 0; !err && i < count; i++) {
		get_cpu();
		send(vipi, &cpus);
		put_cpu();
	}
	return err;
}

static int do_storm(char **word)
{
	static struct cpumask senders;
	unsigned int vipi, target, count;
	int err = parse_vipi(word[0], &vipi) ?: parse_cpu(word[1], &target) ?:
		  parse_cpus(word[2], &senders) ?: parse_count(word[3], &count) ?:
		  check_adopted(BIT(vipi));

	return err ?: run_storm(vipi, target, &senders, count);
}

static int do_call(char **word)
{
	static struct cpumask senders;
	unsigned int target, count;
	int err = parse_cpu(word[0], &target) ?: parse_cpus(word[1], &senders) ?:
		  parse_count(word[2], &count);

	/* On its own CPU a function is called without an IPI. */
	if (!err && cpumask_test_cpu(target, &senders))
		err = -EINVAL;
	return err ?: run_calls(target, &senders, count);
}

static int do_hold(char **word)
{
	static struct cpumask senders;
	struct hold_order order = { .senders = &senders };
	int err = parse_vipis(word[0], &order.vipis) ?: parse_cpu(word[1], &order.target) ?:
		  parse_cpus(word[2], &senders) ?: parse_count(word[3], &order.repeat) ?:
		  parse_count(word[4], &order.rounds) ?: parse_how(word[5], &order.how) ?:
		  check_harmless(order.vipis);

	if (!err && cpumask_test_cpu(order.target, &senders))
		err = -EINVAL;
	return err ?: run_hold(&order);
}

static int do_wait(char **word)
{
	struct wait_times times = { .least = U64_MAX };
	struct hold_order order = { .repeat = 1, .times = &times };
	unsigned int vipi, sender;
	int err = parse_vipi(word[0], &vipi) ?: parse_cpu(word[1], &order.target) ?:
		  parse_cpu(word[2], &sender) ?: parse_count(word[3], &order.pause_us) ?:
		  parse_count(word[4], &order.rounds) ?: parse_how(word[5], &order.how) ?:
		  check_adopted(BIT(vipi));

	/* Longer than that in one round, with all CPUs stopped, and watchdogs bark. */
	if (!err && (sender == order.target || order.how == HOW_LATE || order.pause_us > 1000000))
		err = -EINVAL;
	if (err)
		return err;
	order.vipis = BIT(vipi);
	order.senders = cpumask_of(sender);
	time_handling(vipi, true);
	err = run_hold(&order);
	time_handling(vipi, false);
	if (!err)
		snprintf(result, sizeof(result), "%llu %llu\n", times.least, times.most);
	return err;
}

static int do_gaps(char **word)
{
	static struct cpumask senders;
	unsigned int vipi, target, count, n = 0;
	u64 ns;
	int err = parse_vipi(word[0], &vipi) ?: parse_cpu(word[1], &target) ?:
		  parse_cpus(word[2], &senders) ?: parse_count(word[3], &count) ?:
		  check_adopted(BIT(vipi)) ?:
		  run_timed_storm(vipi, target, &senders, count, &ns);

	if (err)
		return err;
	n = scnprintf(result, sizeof(result), "%llu", ns);
	for (unsigned int i = 0; i < NR_GAPS; i++)
		n += scnprintf(result + n, sizeof(result) - n, " %lu", gaps[i]);
	scnprintf(result + n, sizeof(result) - n, "\n");
	time_handling(vipi, false);
	return 0;
}

static int do_traffic(char **word)
{
	static struct cpumask senders;
	struct traffic_order order = {};
	int err = parse_vipis(word[0], &order.vipis) ?: parse_cpu(word[1], &order.target) ?:
		  parse_cpus(word[2], &senders) ?: kstrtouint(word[3], 10, &order.pause_us) ?:
		  kstrtouint(word[4], 10, &order.rounds) ?: check_adopted(order.vipis);

	if (err)
		return err;
	order.masked = !strcmp(word[5], "masked");
	if ((!order.masked && strcmp(word[5], "open")) || order.pause_us > 1000000 ||
	    order.rounds > MAX_COUNT || (order.masked && !cpumask_test_cpu(order.target, &senders)))
		return -EINVAL;
	return start_traffic(&order, &senders);
}

static int do_still(char **word)
{
	snprintf(result, sizeof(result), "%u\n", end_traffic());
	return 0;
}

static int do_stall(char **word)
{
	unsigned int cpu, ms;
	int err = kstrtouint(word[0], 10, &cpu) ?: kstrtouint(word[1], 10, &ms);

	/* Longer than that, and RCU finds it. */
	if (!err && (cpu >= nr_cpu_ids || ms > 15000))
		err = -EINVAL;
	if (!err && !ms)
		end_stall();
	return err ?: ms ? stall_bringup(cpu, ms) : 0;
}

static int do_bench(char **word)
{
	struct bench_times times;
	unsigned int vipi, count;
	int err = parse_vipi(word[1], &vipi) ?: parse_count(word[2], &count) ?:
		  check_adopted(BIT(vipi)) ?: run_bench(word[0], vipi, count, &times);

	if (!err)
		snprintf(result, sizeof(result), "%llu %llu %llu %u %u\n", times.total_ns,
			 times.least_ns, times.most_ns, times.count, times.parts);
	return err;
}

static const struct {
	const char *name;
	unsigned int nr_words;
	int (*run)(char **word);
} commands[] = {
	{ "adopt",	1, do_adopt },
	{ "restore",	1, do_restore },
	{ "mask",	2, do_mask },
	{ "unmask",	2, do_unmask },
	{ "send",	3, do_send },
	{ "post",	3, do_post },
	{ "storm",	4, do_storm },
	{ "call",	3, do_call },
	{ "hold",	6, do_hold },
	{ "wait",	6, do_wait },
	{ "gaps",	4, do_gaps },
	{ "traffic",	6, do_traffic },
	{ "still",	0, do_still },
	{ "stall",	2, do_stall },
	{ "bench",	3, do_bench },
};

#define MAX_WORDS	7

static int run_command(char *line)
{
	char *word[MAX_WORDS + 1];
	unsigned int nr_words = 0;

	while (line && nr_words <= MAX_WORDS)
		word[nr_words++] = strsep(&line, " ");
	for (unsigned int i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(word[0], commands[i].name)) {
			if (nr_words != commands[i].nr_words + 1)
				return -EINVAL;
			return commands[i].run(word + 1);
		}
	}
	return -EINVAL;
}

/* --- debugfs --- */

static ssize_t run_write(struct file *file, const char __user *text, size_t size, loff_t *pos)
{
	char *line;
	int err;

	if (size > 256)
		return -EINVAL;
	line = memdup_user_nul(text, size);
	if (IS_ERR(line))
		return PTR_ERR(line);

	mutex_lock(&run_lock);
	result[0] = '\0';
	err = run_command(strim(line));
	mutex_unlock(&run_lock);
	kfree(line);
	return err ?: size;
}

static const struct file_operations run_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.write	= run_write,
};

static int result_show(struct seq_file *seq, void *unused)
{
	mutex_lock(&run_lock);
	seq_puts(seq, result);
	mutex_unlock(&run_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(result);

static int handled_show(struct seq_file *seq, void *unused)
{
	unsigned int vipi, cpu;

	mutex_lock(&run_lock);
	for_each_set_bit(vipi, &adopted, MAX_VIPIS) {
		char separator = ' ';

		seq_printf(seq, "%u", vipi);
		for_each_possible_cpu(cpu) {
			seq_printf(seq, "%c%lu", separator, handled_by(cpu, vipi));
			separator = ',';
		}
		seq_putc(seq, '\n');
	}
	mutex_unlock(&run_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(handled);

static struct dentry *directory;

static int __init stimulus_init(void)
{
	int err = find_vipis();

	if (err)
		return err;
	directory = debugfs_create_dir("ipimux-stimulus", NULL);
	debugfs_create_file("run", 0200, directory, NULL, &run_fops);
	debugfs_create_file("result", 0400, directory, NULL, &result_fops);
	debugfs_create_file("handled", 0400, directory, NULL, &handled_fops);
	return 0;
}
module_init(stimulus_init);

static void __exit stimulus_exit(void)
{
	debugfs_remove(directory);
	end_traffic();
	end_stall();
	restore(adopted);
	/* None is in our handler any more. */
	drain(cpu_online_mask);
}
module_exit(stimulus_exit);

MODULE_DESCRIPTION("Stimulus for the IPI multiplexer, for tests in guests");
MODULE_LICENSE("GPL");
