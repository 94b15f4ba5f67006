// SPDX-License-Identifier: GPL-2.0-only
/* What RISC-V code shows, see riscv_code.h. The encodings are those of the unprivileged ISA. */
#include <string.h>

#include "machine/riscv_code.h"

#define NR_REGISTERS	32

/* Opcodes in the lowest seven bits, with funct3 in bits 12 to 14. */
#define OPCODE(word)		((word) & 0x7f)
#define OPCODE_FUNCT3(word)	((word) & 0x707f)
#define OP_AUIPC	0x17
#define OP_STORE	0x23
#define OP_BRANCH	0x63
#define OP_LD		0x3003
#define OP_ADDI		0x0013
#define OP_JALR		0x0067
#define EBREAK		0x00100073
#define C_EBREAK	0x9002
#define C_JR		0x8002
#define C_LINKS		0x1000
#define C_LD		0x6000
#define RD(word)	((word) >> 7 & 31)
#define RS1(word)	((word) >> 15 & 31)

#define NOP		0x00000013
#define C_NOP		0x0001
#define RA		1
#define T0		5

static __u32 half(const __u8 *at)
{
	return at[0] | at[1] << 8;
}

static __u32 word(const __u8 *at)
{
	return half(at) | half(at + 2) << 16;
}

static __s64 upper_immediate(__u32 instruction)
{
	return (__s32)(instruction & 0xfffff000);
}

static __s64 lower_immediate(__u32 instruction)
{
	return (__s32)instruction >> 20;
}

/*
 * compressed_rd - the register that a compressed instruction may write, or one more than there are
 */
static unsigned int compressed_rd(__u32 instruction)
{
	unsigned int funct3 = instruction >> 13;

	switch (instruction & 3) {
	case 0:		/* loads, and stores, which write none */
		return funct3 < 4 ? 8 + (instruction >> 2 & 7) : NR_REGISTERS;
	case 1:		/* arithmetic in all registers, in eight, and branches */
		return funct3 < 4 ? RD(instruction) :
		       funct3 == 4 ? 8 + (instruction >> 7 & 7) : NR_REGISTERS;
	default:	/* shifts, moves and loads from the stack, and stores there */
		return funct3 < 5 ? RD(instruction) : NR_REGISTERS;
	}
}

/* writes - the register that an instruction of 4 bytes may write */
static unsigned int writes(__u32 instruction)
{
	unsigned int opcode = OPCODE(instruction);

	return opcode == OP_STORE || opcode == OP_BRANCH ? NR_REGISTERS : RD(instruction);
}

/* What is known of the registers, and what was found. */
struct reading {
	struct riscv_code *found;
	__u64 value[NR_REGISTERS + 1];	/* if it is known, */
	bool known[NR_REGISTERS + 1];
	__u64 pointer[NR_REGISTERS + 1];	/* and the variable that it was loaded from, or 0 */
};

static void forget(struct reading *reading, unsigned int written)
{
	reading->known[written] = false;
	reading->pointer[written] = 0;
}

static void know(struct reading *reading, unsigned int written, __u64 value)
{
	forget(reading, written);
	reading->known[written] = true;
	reading->value[written] = value;
}

static void add_reference(struct riscv_code *found, __u64 address, bool loaded)
{
	for (unsigned int i = 0; i < found->nr_references; i++)
		if (found->references[i].address == address &&
		    found->references[i].loaded == loaded)
			return;
	if (found->nr_references < RISCV_MAX_REFERENCES)
		found->references[found->nr_references++] =
			(struct riscv_reference){ .address = address, .loaded = loaded };
}

/* add_jump - a call through a pointer, or a return; not to where auipc says: that is by name */
static void add_jump(struct reading *reading, unsigned int to, size_t at, bool links)
{
	struct riscv_code *found = reading->found;

	if (to == RA && !links && !reading->known[to] && found->nr_returns < RISCV_MAX_RETURNS)
		found->returns[found->nr_returns++] = at;
	if (to != RA && !reading->known[to] && found->nr_calls < RISCV_MAX_CALLS)
		found->calls[found->nr_calls++] = (struct riscv_call){
			.at = at, .pointer = reading->pointer[to], .last = !links,
		};
}

/* add_breakpoint - what it has replaced may be a call through what was loaded, or anything else */
static void add_breakpoint(struct reading *reading, size_t at)
{
	struct riscv_code *found = reading->found;
	__u64 pointer = 0;

	for (unsigned int i = 0; i < NR_REGISTERS && !pointer; i++)
		pointer = reading->pointer[i];
	if (pointer && found->nr_calls < RISCV_MAX_CALLS)
		found->calls[found->nr_calls++] = (struct riscv_call){ at, pointer };
	else if (at > RISCV_ENTRY_SIZE)
		found->nr_breakpoints++;
	/* As if it was a call: what was loaded for it is used up. */
	memset(reading->pointer, 0, sizeof(reading->pointer));
}

/* load - into @to what is @offset behind the address in @from, if that is known */
static void load(struct reading *reading, unsigned int to, unsigned int from, __s64 offset)
{
	__u64 address = reading->value[from] + offset;
	bool known = reading->known[from];

	forget(reading, to);
	if (!known)
		return;
	add_reference(reading->found, address, true);
	reading->pointer[to] = address;
}

static void read_compressed(struct reading *reading, __u32 instruction, size_t at)
{
	unsigned int to = compressed_rd(instruction);

	if (instruction == C_EBREAK) {
		add_breakpoint(reading, at);
		return;
	}
	/* c.jr and c.jalr have a register, and no second one. */
	if ((instruction & 0xe07f) == C_JR && RD(instruction))
		add_jump(reading, RD(instruction), at, instruction & C_LINKS);
	if ((instruction & 0xe003) == C_LD)
		load(reading, to, 8 + (instruction >> 7 & 7),
		     (instruction >> 7 & 0x38) | (instruction << 1 & 0xc0));
	else
		forget(reading, to);
}

static void read_word(struct reading *reading, __u32 instruction, size_t at, __u64 address)
{
	unsigned int from = RS1(instruction), to = RD(instruction);

	if (instruction == EBREAK) {
		add_breakpoint(reading, at);
	} else if (OPCODE(instruction) == OP_AUIPC) {
		know(reading, to, address + at + upper_immediate(instruction));
	} else if (OPCODE_FUNCT3(instruction) == OP_LD) {
		load(reading, to, from, lower_immediate(instruction));
	} else if (OPCODE_FUNCT3(instruction) == OP_ADDI && reading->known[from]) {
		know(reading, to, reading->value[from] + lower_immediate(instruction));
		add_reference(reading->found, reading->value[to], false);
	} else {
		if (OPCODE_FUNCT3(instruction) == OP_JALR)
			add_jump(reading, from, at, to);
		forget(reading, writes(instruction));
	}
}

void riscv_code__read(struct riscv_code *found, const __u8 *code, size_t size, __u64 address)
{
	struct reading reading = { .found = found };

	*found = (struct riscv_code){};
	for (size_t at = 0; at + 2 <= size;) {
		if ((half(code + at) & 3) != 3) {
			read_compressed(&reading, half(code + at), at);
			at += 2;
			continue;
		}
		if (at + 4 > size)
			break;
		read_word(&reading, word(code + at), at, address);
		at += 4;
	}
}

static bool is_nop(const __u8 *code)
{
	return word(code) == NOP || word(code) == (C_NOP | C_NOP << 16);
}

bool riscv_code__is_ftraced(const __u8 code[RISCV_ENTRY_SIZE])
{
	__u32 first = word(code), second = word(code + 4);

	/* auipc t0, and jalr t0, t0: traced just now, or the first half stays for good. */
	return (is_nop(code) || (first & 0xfff) == (OP_AUIPC | T0 << 7)) &&
	       (is_nop(code + 4) || (second & 0xfffff) == (OP_JALR | T0 << 7 | T0 << 15));
}
