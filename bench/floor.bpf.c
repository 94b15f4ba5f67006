// SPDX-License-Identifier: GPL-2.0-only
/*
 * The least that BPF programs on the three tracepoints can cost: those that do
 * nothing, and those that read the clock once. They count nothing and read nothing.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

SEC("?raw_tp/ipi_mux_send")
int empty_send(void *ctx)
{
	return 0;
}

SEC("?raw_tp/ipi_mux_process")
int empty_process(void *ctx)
{
	return 0;
}

SEC("?raw_tp/ipi_mux_unmask")
int empty_unmask(void *ctx)
{
	return 0;
}

SEC("?raw_tp/ipi_mux_send")
int clock_send(void *ctx)
{
	bpf_ktime_get_ns();
	return 0;
}

SEC("?raw_tp/ipi_mux_process")
int clock_process(void *ctx)
{
	bpf_ktime_get_ns();
	return 0;
}

SEC("?raw_tp/ipi_mux_unmask")
int clock_unmask(void *ctx)
{
	bpf_ktime_get_ns();
	return 0;
}
