// SPDX-License-Identifier: GPL-2.0-only
/* src/machine/riscv_code.c: what compiled functions refer to, call and where they return. */
#include <stdlib.h>
#include <string.h>

#include "base/array_size.h"
#include "machine/riscv_code.h"
#include "unit.h"

/* Registers by their numbers. */
enum { ZERO, RA, SP, T0 = 5, T1 = 6, S1 = 9, A0 = 10, A4 = 14, A5 = 15, S7 = 23 };

#define START 0xffffffff80010000ULL

/* --- an assembler of the few instructions that matter --- */

struct code {
	__u8 bytes[1024];
	size_t size;
};

static void half(struct code *code, unsigned int instruction)
{
	code->bytes[code->size++] = instruction & 0xff;
	code->bytes[code->size++] = instruction >> 8;
}

static void word(struct code *code, __u32 instruction)
{
	half(code, instruction & 0xffff);
	half(code, instruction >> 16);
}

static void nop(struct code *code)
{
	word(code, 0x13);
}

static void c_nop(struct code *code)
{
	half(code, 0x0001);
}

static void auipc(struct code *code, unsigned int rd, __u32 pages)
{
	word(code, pages << 12 | rd << 7 | 0x17);
}

static void immediate(struct code *code, unsigned int opcode, unsigned int rd, unsigned int rs1,
		      int value)
{
	word(code, (__u32)value << 20 | rs1 << 15 | rd << 7 | opcode);
}

static void addi(struct code *code, unsigned int rd, unsigned int rs1, int value)
{
	immediate(code, 0x0013, rd, rs1, value);
}

static void ld(struct code *code, unsigned int rd, unsigned int rs1, int value)
{
	immediate(code, 0x3003, rd, rs1, value);
}

static void lw(struct code *code, unsigned int rd, unsigned int rs1, int value)
{
	immediate(code, 0x2003, rd, rs1, value);
}

static void jalr(struct code *code, unsigned int rd, unsigned int rs1)
{
	immediate(code, 0x0067, rd, rs1, 0);
}

static void sd(struct code *code, unsigned int rs1, unsigned int rs2)
{
	word(code, rs2 << 20 | rs1 << 15 | 0x3023);
}

static void beq(struct code *code, unsigned int rs1, unsigned int rs2)
{
	/* 16 bytes on: that is where others have a register to write to. */
	word(code, rs2 << 20 | rs1 << 15 | 16 / 2 << 8 | 0x63);
}

static void c_jr(struct code *code, unsigned int rs1)
{
	half(code, 0x8002 | rs1 << 7);
}

static void c_jalr(struct code *code, unsigned int rs1)
{
	half(code, 0x9002 | rs1 << 7);
}

static void c_mv(struct code *code, unsigned int rd, unsigned int rs2)
{
	half(code, 0x8002 | rd << 7 | rs2 << 2);
}

/* Of the eight registers from 8 on, at 0 to 248. */
static void c_ld(struct code *code, unsigned int rd, unsigned int rs1, unsigned int value)
{
	half(code, 0x6000 | (value >> 3 & 7) << 10 | (rs1 - 8) << 7 | (value >> 6) << 5 |
		   (rd - 8) << 2);
}

/* Of a copy of the size of the code, so that a sanitizer sees who reads on. */
static void read_code(struct riscv_code *found, const struct code *code, size_t size)
{
	__u8 *copy = malloc(size ? size : 1);

	memcpy(copy, code->bytes, size);
	riscv_code__read(found, copy, size, START);
	free(copy);
}

/* --- tests --- */

/* A variable's address is taken, another one's value is loaded, a third one is called. */
static void test_references(void **state)
{
	struct riscv_code found;
	struct code code = {};

	nop(&code);
	nop(&code);
	auipc(&code, A5, 0x107d);			/* at 8 */
	addi(&code, A5, A5, -908);
	lw(&code, A4, A5, 0);
	auipc(&code, A5, 0x1042);			/* at 20 */
	ld(&code, A5, A5, 428);
	auipc(&code, A4, 0xfffff);			/* at 28: a page before */
	ld(&code, A4, A4, 0);
	jalr(&code, RA, A4);				/* at 36 */
	jalr(&code, ZERO, RA);
	read_code(&found, &code, code.size);
	assert_int_equal(found.nr_references, 3);
	assert_int_equal(found.references[0].address, START + 8 + 0x107d000 - 908);
	assert_false(found.references[0].loaded);
	assert_int_equal(found.references[1].address, START + 20 + 0x1042000 + 428);
	assert_true(found.references[1].loaded);
	assert_int_equal(found.references[2].address, START + 28 - 4096);
	assert_int_equal(found.nr_calls, 1);
	assert_int_equal(found.calls[0].at, 36);
	assert_int_equal(found.calls[0].pointer, START + 28 - 4096);
	assert_int_equal(found.nr_returns, 1);
	assert_int_equal(found.returns[0], 40);
}

/* As in a loop: the variable's address stays in a register, and its value is loaded each time. */
static void test_compressed(void **state)
{
	struct riscv_code found;
	struct code code = {};

	auipc(&code, S1, 1);
	addi(&code, S1, S1, 16);
	c_ld(&code, A5, S1, 200);
	c_jalr(&code, A5);				/* at 10 */
	c_ld(&code, A4, S1, 0);
	c_jr(&code, A4);				/* at 14: the last thing it does */
	c_jr(&code, RA);				/* at 16 */
	read_code(&found, &code, code.size);
	assert_int_equal(found.nr_calls, 2);
	assert_int_equal(found.calls[0].at, 10);
	assert_int_equal(found.calls[0].pointer, START + 4096 + 16 + 200);
	assert_int_equal(found.calls[1].at, 14);
	assert_int_equal(found.calls[1].pointer, START + 4096 + 16);
	assert_int_equal(found.nr_returns, 1);
	assert_int_equal(found.returns[0], 16);
}

/* Calls of functions by name are none through a pointer, however far away. */
static void test_by_name(void **state)
{
	struct riscv_code found;
	struct code code = {};

	auipc(&code, RA, 0xa);
	jalr(&code, RA, RA);
	auipc(&code, T1, 0xa);
	jalr(&code, ZERO, T1);
	auipc(&code, T0, 0xa);
	jalr(&code, T0, T0);
	read_code(&found, &code, code.size);
	assert_int_equal(found.nr_calls, 0);
	assert_int_equal(found.nr_returns, 0);
}

/* What is in a register is forgotten with whatever may write it, and with nothing else. */
static void test_forgets(void **state)
{
	static const struct {
		void (*write)(struct code *code);
		bool forgets;
	} cases[] = {
		{ nop, false },
		{ c_nop, false },
	};
	struct riscv_code found;

	for (unsigned int i = 0; i < 10; i++) {
		struct code code = {};

		auipc(&code, A5, 1);
		ld(&code, A5, A5, 0);
		switch (i) {
		case 0: addi(&code, A5, ZERO, 1); break;
		case 1: c_mv(&code, A5, A0); break;
		case 2: lw(&code, A5, SP, 0); break;
		case 3: c_ld(&code, A5, S1, 0); break;
		case 4: jalr(&code, A5, S7); break;
		case 5: sd(&code, SP, A5); break;
		case 6: beq(&code, A5, ZERO); break;
		case 7: c_mv(&code, A4, A5); break;
		default: cases[i - 8].write(&code); break;
		}
		c_jalr(&code, A5);
		read_code(&found, &code, code.size);
		check(found.nr_calls >= 1, "%u", i);
		check(!found.calls[found.nr_calls - 1].pointer == (i < 5), "%u: %#llx", i,
		      (unsigned long long)found.calls[found.nr_calls - 1].pointer);
	}
}

/* Cut off anywhere, of all kinds of bytes, more than there is room for. */
static void test_any_code(void **state)
{
	struct riscv_code found;
	struct code code = {};

	for (unsigned int i = 0; i < 40; i++) {
		auipc(&code, A5, i + 1);
		ld(&code, A5, A5, 0);
		c_jalr(&code, A5);
		c_jr(&code, RA);
	}
	for (size_t size = 0; size <= code.size; size++) {
		read_code(&found, &code, size);
		assert_true(found.nr_references <= RISCV_MAX_REFERENCES);
		assert_true(found.nr_calls <= RISCV_MAX_CALLS);
		assert_true(found.nr_returns <= RISCV_MAX_RETURNS);
	}
	assert_int_equal(found.nr_references, RISCV_MAX_REFERENCES);
	assert_int_equal(found.nr_calls, RISCV_MAX_CALLS);
	assert_int_equal(found.nr_returns, RISCV_MAX_RETURNS);
	/* The same one is one. */
	code.size = 0;
	for (unsigned int i = 0; i < 3; i++) {
		auipc(&code, A5, 100);
		ld(&code, A5, A5, -8 * (int)i);
	}
	read_code(&found, &code, code.size);
	assert_int_equal(found.nr_references, 1);
	srand(1);
	for (unsigned int i = 0; i < 20000; i++) {
		for (size_t at = 0; at < 64; at++)
			code.bytes[at] = rand() >> 8;
		read_code(&found, &code, 64);
	}
}

/*
 * Kprobes of somebody else: where a call may be it is taken for one, and elsewhere it is counted.
 */
static void test_breakpoints(void **state)
{
	struct riscv_code found;
	struct code code = {};

	nop(&code);
	nop(&code);
	half(&code, 0x9002);				/* at 8: where kprobes are at the entry */
	auipc(&code, A5, 1);
	ld(&code, A5, A5, 0);
	c_mv(&code, A0, S1);
	half(&code, 0x9002);				/* at 20: a compressed call before */
	auipc(&code, A5, 2);
	ld(&code, A5, A5, 0);
	word(&code, 0x00100073);			/* at 30: a long one */
	word(&code, 0x00100073);			/* at 34: anything */
	half(&code, 0x9002);				/* at 38: anything, a return, say */
	read_code(&found, &code, code.size);
	assert_int_equal(found.nr_calls, 2);
	assert_int_equal(found.calls[0].at, 20);
	assert_int_equal(found.calls[0].pointer, START + 10 + 4096);
	assert_int_equal(found.calls[1].at, 30);
	assert_int_equal(found.calls[1].pointer, START + 22 + 8192);
	assert_int_equal(found.nr_breakpoints, 2);
	assert_int_equal(found.nr_returns, 0);
}

static void test_ftraced(void **state)
{
	static void (*const nops[])(struct code *code) = { nop, c_nop };
	struct code code = {};

	for (size_t i = 0; i < ARRAY_SIZE(nops); i++) {
		code.size = 0;
		for (unsigned int n = 0; n < 4; n++)
			nops[i](&code);
		assert_true(riscv_code__is_ftraced(code.bytes));
	}
	/* Traced just now. */
	code.size = 0;
	auipc(&code, T0, 77);
	jalr(&code, T0, T0);
	assert_true(riscv_code__is_ftraced(code.bytes));
	/* From 6.16 on the first half stays. */
	code.size = 0;
	auipc(&code, T0, 77);
	nop(&code);
	assert_true(riscv_code__is_ftraced(code.bytes));
	/* A function as it begins otherwise. */
	code.size = 0;
	addi(&code, SP, SP, -16);
	sd(&code, SP, RA);
	assert_false(riscv_code__is_ftraced(code.bytes));
	code.size = 0;
	nop(&code);
	addi(&code, SP, SP, -16);
	assert_false(riscv_code__is_ftraced(code.bytes));
	code.size = 0;
	auipc(&code, A5, 77);
	jalr(&code, T0, T0);
	assert_false(riscv_code__is_ftraced(code.bytes));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_compressed),
		cmocka_unit_test(test_by_name),
		cmocka_unit_test(test_forgets),
		cmocka_unit_test(test_any_code),
		cmocka_unit_test(test_breakpoints),
		cmocka_unit_test(test_ftraced),
	};

	return UNIT_RUN("riscv-code", tests);
}
