// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The names of a kernel function. If the compiler changes a function, it gives it
 * another name. NAME.isra.0 takes fewer arguments, or takes what they point at.
 * NAME.constprop.0 has some arguments filled in. NAME.part.0 is the rest of a function
 * whose beginning was inlined into its callers. NAME.llvm.123 is a static function that
 * another file calls.
 */
#include <ctype.h>

#include "base/symbols.h"
#include "internal.h"

/* Skips a number. Returns NULL unless one is there, with "." or the end behind it. */
static const char *skip_number(const char *text)
{
	const char *p = text;

	while (isdigit((unsigned char)*p))
		p++;
	return p > text && (*p == '.' || !*p) ? p : NULL;
}

/* Returns whether suffix, such as ".isra.0.constprop.1", consists of such changes only. */
static bool is_variant(const char *suffix)
{
	static const char *const changes[] = { ".isra.", ".constprop.", ".part.", ".llvm." };

	while (*suffix) {
		size_t i, size = 0;

		for (i = 0; i < ARRAY_SIZE(changes); i++) {
			size = strlen(changes[i]);
			if (!strncmp(suffix, changes[i], size))
				break;
		}
		if (i == ARRAY_SIZE(changes))
			return false;
		suffix = skip_number(suffix + size);
		if (!suffix)
			return false;
	}
	return true;
}

static void add(struct symbols *symbols, const char *name, uint64_t address)
{
	if (symbols->count == SYMBOLS_MAX)
		return;
	snprintf(symbols->of[symbols->count].name, SYMBOL_MAX, "%s", name);
	symbols->of[symbols->count++].address = address;
}

/*
 * Notes a function with exactly the wanted name. Several files may have static
 * functions of this name: the function that is meant is the one that other files can
 * call.
 */
static void meet_name(struct symbols *symbols, char type, uint64_t address)
{
	bool is_global = isupper((unsigned char)type);

	symbols->exact++;
	symbols->globals += is_global;
	if (symbols->exact == 1 || (is_global && symbols->globals == 1))
		symbols->address = address;
}

static bool is_kind(const struct symbols *symbols, char type)
{
	return strchr(symbols->is_data ? "dDbB" : "tTwW", type);
}

static void meet(struct symbols *list, size_t count, const char *name, char type, uint64_t address)
{
	for (size_t i = 0; i < count; i++) {
		size_t size = strlen(list[i].wanted);

		if (!is_kind(&list[i], type) || strncmp(name, list[i].wanted, size))
			continue;
		if (!name[size])
			meet_name(&list[i], type, address);
		else if (is_variant(name + size))
			add(&list[i], name, address);
	}
}

/* Drops the parts of variants: NAME.isra.0 calls NAME.isra.0.part.0 by itself. */
static void drop_parts(struct symbols *symbols)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < symbols->count; i++) {
		bool is_part = false;

		for (unsigned int j = 0; j < symbols->count; j++) {
			size_t size = strlen(symbols->of[j].name);

			is_part |= !strncmp(symbols->of[i].name, symbols->of[j].name, size) &&
				   symbols->of[i].name[size] == '.';
		}
		symbols->of[i].is_part = is_part;
	}
	for (unsigned int i = 0; i < symbols->count; i++)
		if (!symbols->of[i].is_part)
			symbols->of[kept++] = symbols->of[i];
	symbols->count = kept;
}

void symbols_read(FILE *file, struct symbols *list, size_t count)
{
	char *line = NULL, name[SYMBOL_MAX], type;
	unsigned long long address;
	size_t size = 0;

	while (getline(&line, &size, file) > 0) {
		/* A function of a module has the name of the module behind its own. */
		if (strchr(line, '[') || strlen(line) >= SYMBOL_MAX ||
		    sscanf(line, "%llx %c %s", &address, &type, name) != 3)
			continue;
		meet(list, count, name, type, address);
	}
	free(line);
	for (size_t i = 0; i < count; i++)
		drop_parts(&list[i]);
}

int symbols_find(struct symbols *list, size_t count)
{
	const char *path = secure_getenv("TCPT_TEST_KALLSYMS");
	FILE *file = fopen(path ? path : "/proc/kallsyms", "re");

	if (!file)
		return -errno;
	symbols_read(file, list, count);
	fclose(file);
	return 0;
}
