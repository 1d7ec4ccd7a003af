// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify.h"

/* The offset of a field that the BTF does not have, or that is not compared with BTF. */
#define NOT_KNOWN (-2)

struct table {
	const struct tcpt_guess *guess;
	const struct tcpt_offsets *btf; /* NULL: there is none, or it is another kernel's */
	unsigned int fields;
	unsigned int differ;
	unsigned int untested;
};

static int btf_offset(const struct tcpt_offsets *btf, const char *field)
{
	int at = btf ? tcpt_offsets_get(btf, field) : TCPT_ABSENT;

	return at == TCPT_ABSENT ? NOT_KNOWN : at;
}

static const char *offset_text(char *buf, size_t size, int at)
{
	if (at < 0)
		return at == NOT_KNOWN ? "-" : "absent";
	snprintf(buf, size, "%d", at);
	return buf;
}

static bool differs_from_btf(const struct tcpt_check *check, int btf)
{
	return check->document != TCPT_ABSENT && btf != NOT_KNOWN && check->document != btf;
}

static const char *result_text(const struct tcpt_check *check, int btf)
{
	static const char *const names[] = {
		[TCPT_CHECK_HOLDS] = "ok",	    [TCPT_CHECK_ABSENT] = "absent",
		[TCPT_CHECK_UNTESTED] = "untested", [TCPT_CHECK_DIFFERS] = "DIFFERS from the guess",
		[TCPT_CHECK_WRONG] = "WRONG",
	};

	if (check->result != TCPT_CHECK_WRONG && differs_from_btf(check, btf))
		return "DIFFERS from BTF";
	return names[check->result];
}

static void print_row(struct table *table, const char *field, const struct tcpt_check *check)
{
	int btf = btf_offset(table->btf, field);
	bool is_bad = check->result == TCPT_CHECK_WRONG || check->result == TCPT_CHECK_DIFFERS ||
		      differs_from_btf(check, btf);
	char document[16], fresh[16], kernel[16];

	printf("%-32s %8s %8s %8s %5u %6u  %s\n", field,
	       offset_text(document, sizeof(document), check->document),
	       offset_text(fresh, sizeof(fresh), check->fresh),
	       offset_text(kernel, sizeof(kernel), btf), check->held, check->contradicted,
	       result_text(check, btf));
	table->fields++;
	table->differ += is_bad;
	table->untested += !is_bad && check->result == TCPT_CHECK_UNTESTED && btf == NOT_KNOWN;
}

int verify_print(const struct tcpt_guess *guess, const struct tcpt_guess_opts *opts)
{
	struct tcpt_offsets *btf = NULL;
	struct table table = { .guess = guess };

	if (!opts->replay && !tcpt_offsets_from_btf(&btf, NULL, NULL))
		table.btf = btf;
	printf("%-32s %8s %8s %8s %5s %6s  %s\n", "FIELD", "DOCUMENT", "GUESS", "BTF", "HOLDS",
	       "FAILS", "RESULT");
	for (unsigned int i = 0; tcpt_field_name(i); i++) {
		struct tcpt_check check;

		if (!tcpt_guess_check(guess, tcpt_field_name(i), &check))
			print_row(&table, tcpt_field_name(i), &check);
	}
	printf("%u fields, %u differ, %u untested%s\n", table.fields, table.differ, table.untested,
	       table.btf ? "" : "; no BTF to compare with");
	tcpt_offsets_free(btf);
	return table.differ ? -EUCLEAN : 0;
}
