// SPDX-License-Identifier: Apache-2.0
/*
 * What tag instructions cost on this machine, measured from user space.
 *
 *	cc -O2 -o mte-calibrate mte-calibrate.c
 *	./mte-calibrate > machine.json			on the CPU that the scheduler chooses
 *	./mte-calibrate --core 7 --memory 512 > big.json
 *	tagscope report trace.dat --profile machine.json
 *
 * It maps memory with PROT_MTE, switches tag check faults off, and times each instruction over a buffer that stays in
 * the first cache ("hot") and over one that no cache holds, page by page in random order ("cold"). Needs Linux 5.10 or
 * newer on arm64 with FEAT_MTE2. Nothing is written but the result, as JSON on the standard output.
 *
 * STGM, STZGM and LDGM are not for user space (Arm ARM: undefined at EL0) and are not measured.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <time.h>

#ifndef __aarch64__
#error "This program measures arm64 instructions: compile it on, or for, an arm64 machine."
#endif

#ifndef PROT_MTE
#define PROT_MTE 0x20
#endif
#ifndef HWCAP2_MTE
#define HWCAP2_MTE (1 << 18)
#endif
#ifndef PR_SET_TAGGED_ADDR_CTRL
#define PR_SET_TAGGED_ADDR_CTRL 55
#endif
#define TAGGED_ADDR_ENABLE 1UL
#define MTE_TAG_SHIFT 3

#define GRANULE 16
#define LINE 64
#define PAGE 4096
#define HOT_BYTES (16 * 1024)
#define HOT_REPEATS 31
#define COLD_REPEATS 9
/* A hot pass takes about this long, so that the clock's own cost does not show. */
#define HOT_PASS_NS 2000000.0
#define MAX_REPEATS 64

#define MTE ".arch armv8.5-a+memtag\n\t"

typedef void (*operation)(char *from, size_t bytes);

static size_t dc_block;

/* Each walks over a range with one instruction, so many of them to a turn of the loop; a page is a whole number of turns. */
#define WALK(name, text, step, unroll)                                         \
	static void name(char *p, size_t bytes)                                \
	{                                                                      \
		const size_t by = (step);                                      \
		char *const end = p + bytes;                                   \
		while (p < end) {                                              \
			for (int i = 0; i < (unroll); i++) {                   \
				__asm__ volatile(MTE text                      \
						 :                             \
						 : "r"(p)                      \
						 : "memory");                  \
				p += by;                                       \
			}                                                      \
		}                                                              \
	}

WALK(run_stg, "stg %0, [%0]", GRANULE, 8)
WALK(run_stzg, "stzg %0, [%0]", GRANULE, 8)
WALK(run_st2g, "st2g %0, [%0]", 2 * GRANULE, 8)
WALK(run_stz2g, "stz2g %0, [%0]", 2 * GRANULE, 8)
WALK(run_dc_gva, "dc gva, %0", dc_block, 2)
WALK(run_dc_gzva, "dc gzva, %0", dc_block, 2)
WALK(run_dc_zva, "dc zva, %0", dc_block, 2)

static void run_ldg(char *p, size_t bytes)
{
	char *const end = p + bytes;
	while (p < end) {
		for (int i = 0; i < 8; i++) {
			char *tag = p;
			__asm__ volatile(MTE "ldg %0, [%1]" : "+r"(tag) : "r"(p) : "memory");
			p += GRANULE;
		}
	}
}

static void run_irg(char *p, size_t bytes)
{
	for (size_t done = 0; done < bytes; done += 8 * GRANULE) {
		for (int i = 0; i < 8; i++) {
			char *tag;
			__asm__ volatile(MTE "irg %0, %1" : "=r"(tag) : "r"(p));
		}
	}
}

/* An instruction: its name in the result, and the bytes that one of it covers; 0 for a DC block. */
static const struct {
	const char *name;
	operation run;
	size_t covers;
	int in_cold;
} OPERATIONS[] = {
	{ "stg", run_stg, GRANULE, 1 },	      { "stzg", run_stzg, GRANULE, 1 },
	{ "st2g", run_st2g, 2 * GRANULE, 1 }, { "stz2g", run_stz2g, 2 * GRANULE, 1 },
	{ "dcGva", run_dc_gva, 0, 1 },	      { "dcGzva", run_dc_gzva, 0, 1 },
	{ "dcZva", run_dc_zva, 0, 1 },	      { "ldg", run_ldg, GRANULE, 1 },
	{ "irg", run_irg, GRANULE, 0 },
};
#define OPERATION_COUNT (sizeof(OPERATIONS) / sizeof(OPERATIONS[0]))

static double now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Tenth percentile, median and ninetieth percentile. */
struct spread {
	double low, best, high;
};

static struct spread spread_of(double *values, int n)
{
	qsort(values, n, sizeof(*values), by_value);
	const struct spread s = { values[n / 10], values[n / 2], values[n - 1 - n / 10] };
	return s;
}

/* Passes over the tag of the pointer: tags change from pass to pass, as they do in the kernel. */
static char *tagged(char *p, int pass)
{
	return (char *)((uintptr_t)p | ((uintptr_t)(1 + pass % 14) << 56));
}

static struct spread hot(operation run, size_t covers, char *buffer)
{
	double ns[MAX_REPEATS];
	long rounds = 1;
	for (;;) {
		const double start = now_ns();
		for (long i = 0; i < rounds; i++)
			run(buffer, HOT_BYTES);
		if (now_ns() - start > HOT_PASS_NS / 4 || rounds > 1 << 24)
			break;
		rounds *= 2;
	}
	rounds *= 4;
	for (int pass = 0; pass < HOT_REPEATS; pass++) {
		char *const p = tagged(buffer, pass);
		const double start = now_ns();
		for (long i = 0; i < rounds; i++)
			run(p, HOT_BYTES);
		ns[pass] = (now_ns() - start) / ((double)rounds * (HOT_BYTES / covers));
	}
	return spread_of(ns, HOT_REPEATS);
}

static struct spread cold(operation run, size_t covers, char *buffer, size_t bytes, const uint32_t *order)
{
	double ns[MAX_REPEATS];
	const size_t pages = bytes / PAGE;
	for (int pass = 0; pass < COLD_REPEATS; pass++) {
		const double start = now_ns();
		for (size_t i = 0; i < pages; i++)
			run(tagged(buffer + (size_t)order[i] * PAGE, pass), PAGE);
		ns[pass] = (now_ns() - start) / ((double)pages * (PAGE / covers));
	}
	return spread_of(ns, COLD_REPEATS);
}

static void figure(int first, const char *name, const char *state, struct spread s)
{
	printf("%s\n    { \"instruction\": \"%s\", \"state\": \"%s\", \"low\": %.4f, \"best\": %.4f, \"high\": %.4f }",
	       first ? "" : ",", name, state, s.low, s.best, s.high);
}

/* Prints a string as JSON; what is not printable ASCII is left out. */
static void text(const char *s)
{
	putchar('"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			putchar('\\');
		if (*s >= 0x20 && *s < 0x7f)
			putchar(*s);
	}
	putchar('"');
}

static void midr(int core, char *out, size_t size)
{
	char path[96];
	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/regs/identification/midr_el1", core);
	FILE *const f = fopen(path, "r");
	if (!f || !fgets(out, (int)size, f))
		snprintf(out, size, "unknown");
	if (f)
		fclose(f);
	out[strcspn(out, "\n")] = 0;
}

static void fail(const char *what, const char *advice)
{
	fprintf(stderr, "mte-calibrate: %s. %s\n", what, advice);
	exit(1);
}

static long number(const char *option, const char *value, long low, long high)
{
	char *end = NULL;
	errno = 0;
	const long n = value ? strtol(value, &end, 10) : low - 1;
	if (!value || *end || end == value || errno || n < low || n > high) {
		fprintf(stderr, "mte-calibrate: %s takes a number from %ld to %ld\n", option, low, high);
		exit(2);
	}
	return n;
}

static char *map(size_t bytes)
{
	char *const p = mmap(NULL, bytes, PROT_READ | PROT_WRITE | PROT_MTE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		fail("no memory with PROT_MTE", "Give less with --memory, or check that the kernel has CONFIG_ARM64_MTE");
	memset(p, 0, bytes);
	return p;
}

int main(int argc, char **argv)
{
	int core = -1;
	size_t cold_bytes = 256UL << 20;
	for (int i = 1; i < argc; i += 2) {
		if (!strcmp(argv[i], "--core"))
			core = (int)number("--core", argv[i + 1], 0, CPU_SETSIZE - 1);
		else if (!strcmp(argv[i], "--memory"))
			cold_bytes = (size_t)number("--memory", argv[i + 1], 8, 65536) << 20;
		else {
			fprintf(stderr, "usage: mte-calibrate [--core N] [--memory MiB] > machine.json\n");
			return 2;
		}
	}
	if (!(getauxval(AT_HWCAP2) & HWCAP2_MTE))
		fail("this CPU or kernel has no memory tagging for user space", "HWCAP2_MTE is not set");
	if (core >= 0) {
		cpu_set_t set;
		CPU_ZERO(&set);
		CPU_SET(core, &set);
		if (sched_setaffinity(0, sizeof(set), &set))
			fail("cannot run on that core", strerror(errno));
	}
	if (prctl(PR_SET_TAGGED_ADDR_CTRL, TAGGED_ADDR_ENABLE | (0xfffeUL << MTE_TAG_SHIFT), 0, 0, 0))
		fail("PR_SET_TAGGED_ADDR_CTRL was refused", strerror(errno));

	uint64_t dczid;
	__asm__("mrs %0, dczid_el0" : "=r"(dczid));
	dc_block = 4UL << (dczid & 15);
	const int dzp = (int)(dczid >> 4 & 1);

	char *const hot_buffer = map(HOT_BYTES);
	char *const cold_buffer = map(cold_bytes);
	const size_t pages = cold_bytes / PAGE;
	uint32_t *const order = malloc(pages * sizeof(*order));
	if (!order)
		fail("no memory", "Give less with --memory");
	/* A fixed shuffle: the same order on each machine. */
	uint64_t state = 88172645463325252ULL;
	for (size_t i = 0; i < pages; i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		const size_t j = state % (i + 1);
		order[i] = (uint32_t)i;
		order[i] = order[j];
		order[j] = (uint32_t)i;
	}

	struct utsname system;
	char id[64];
	uname(&system);
	midr(core >= 0 ? core : sched_getcpu(), id, sizeof(id));
	printf("{\n  \"schema\": \"tagscope.calibration\",\n  \"version\": 1,\n  \"machine\": {\n    \"midr\": ");
	text(id);
	printf(",\n    \"core\": %d,\n    \"kernel\": ", core >= 0 ? core : sched_getcpu());
	text(system.release);
	printf(",\n    \"dcBlock\": %zu,\n    \"dzp\": %s,\n    \"hotBytes\": %d,\n    \"coldBytes\": %zu\n  },\n", dc_block,
	       dzp ? "true" : "false", HOT_BYTES, cold_bytes);
	printf("  \"unit\": \"ns for each instruction\",\n  \"figures\": [");
	int first = 1;
	for (size_t i = 0; i < OPERATION_COUNT; i++) {
		const size_t covers = OPERATIONS[i].covers ? OPERATIONS[i].covers : dc_block;
		if (!OPERATIONS[i].covers && dzp)
			continue;
		fprintf(stderr, "%s\n", OPERATIONS[i].name);
		figure(first, OPERATIONS[i].name, "hot", hot(OPERATIONS[i].run, covers, hot_buffer));
		first = 0;
		if (OPERATIONS[i].in_cold)
			figure(0, OPERATIONS[i].name, "cold",
			       cold(OPERATIONS[i].run, covers, cold_buffer, cold_bytes, order));
	}
	printf("\n  ]\n}\n");
	return 0;
}
