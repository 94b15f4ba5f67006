// SPDX-License-Identifier: GPL-2.0-only
/*
 * One more program for each of bpf/, all of which the compiler reads before this: one that the
 * kernel's verifier refuses. For tests/vm/places/refused.t; never part of the tool.
 */
#ifdef REFUSED_DEEP
/* Functions that call each other deeper than is allowed: -E2BIG. */
#define DEEPER(function, next)						\
	static __noinline int function(__u64 number)			\
	{								\
		asm volatile("" : "+r"(number));			\
		return next(number) + 1;				\
	}

static __noinline int deep_8(__u64 number)
{
	asm volatile("" : "+r"(number));
	return number;
}
DEEPER(deep_7, deep_8)
DEEPER(deep_6, deep_7)
DEEPER(deep_5, deep_6)
DEEPER(deep_4, deep_5)
DEEPER(deep_3, deep_4)
DEEPER(deep_2, deep_3)
DEEPER(deep_1, deep_2)

SEC("raw_tp")
int refused(void *ctx)
{
	return deep_1(1);
}
#else
/* A read of memory that is nobody's: -EACCES. */
SEC("raw_tp")
int refused(void *ctx)
{
	__u64 nowhere = 8;

	asm volatile("" : "+r"(nowhere));
	return *(int *)nowhere;
}
#endif
