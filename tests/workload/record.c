/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>

#include "die.h"
#include "record.h"

/* Adding costs one atomic addition and a copy. */
static struct table {
	atomic_long used;
	char slots[];
} * table;
static size_t table_size, slot_size;
static long table_capacity;

void records_open(long capacity, size_t more)
{
	size_t align = _Alignof(struct record);

	table_capacity = capacity;
	slot_size = (sizeof(struct record) + more + align - 1) / align * align;
	table_size = sizeof(*table) + (size_t)capacity * slot_size;
	table = mmap(NULL, table_size, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (table == MAP_FAILED)
		die("cannot map %zu bytes for the record", table_size);
}

void records_close(void)
{
	munmap(table, table_size);
}

static struct record *slot(long index)
{
	return (struct record *)(table->slots + (size_t)index * slot_size);
}

void record_add(const struct record *record, const char *format, ...)
{
	long index = atomic_fetch_add_explicit(&table->used, 1, memory_order_relaxed);
	va_list args;

	if (index >= table_capacity) {
		errno = 0;
		die("more events than planned: somebody else connected to us");
	}
	*slot(index) = *record;
	if (!format)
		return;
	va_start(args, format);
	vsnprintf((char *)(slot(index) + 1), slot_size - sizeof(*record), format, args);
	va_end(args);
}

static void print(FILE *out, const struct record *record)
{
	static const char *const names[] = { "connect", "accept", "close", "fail" };

	fprintf(out, "%s\t", names[record->event]);
	fprintf(out, record->pid ? "%d\t" : "-\t", (int)record->pid);
	fprintf(out, "%s\t", record->comm);
	tuple_print(out, &record->tuple);
	fprintf(out, record->netns ? "\t%llu" : "\t-", record->netns);
	fprintf(out, "%s\n", slot_size > sizeof(*record) ? (const char *)(record + 1) : "");
}

int records_print(const char *path, const char *head)
{
	FILE *out = path ? fopen(path, "we") : stdout;
	long used = atomic_load(&table->used);

	if (!out)
		return -1;
	fputs(head, out);
	for (long i = 0; i < used && i < table_capacity; i++)
		print(out, slot(i));
	if (ferror(out)) {
		fclose(out);
		errno = EIO;
		return -1;
	}
	return fclose(out);
}
