// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"
#include "verify.h"

/* The offset of a field that the BTF does not have, or that is not compared with BTF. */
#define NOT_KNOWN (-2)

struct verdict {
	struct table table;
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

static void add_row(struct verdict *verdict, const char *field, const struct tcpt_check *check)
{
	struct table *table = &verdict->table;
	int btf = btf_offset(verdict->btf, field);
	bool is_bad = check->result == TCPT_CHECK_WRONG || check->result == TCPT_CHECK_DIFFERS ||
		      differs_from_btf(check, btf);
	char document[16], fresh[16], kernel[16];

	table_add(table, "%s", field);
	table_add(table, "%s", offset_text(document, sizeof(document), check->document));
	table_add(table, "%s", offset_text(fresh, sizeof(fresh), check->fresh));
	table_add(table, "%s", offset_text(kernel, sizeof(kernel), btf));
	table_add(table, "%u", check->held);
	table_add(table, "%u", check->contradicted);
	table_add(table, "%s", result_text(check, btf));
	verdict->fields++;
	verdict->differ += is_bad;
	verdict->untested += !is_bad && check->result == TCPT_CHECK_UNTESTED && btf == NOT_KNOWN;
}

static const struct table empty = { .columns = { { .heading = "FIELD" },
						 { .heading = "DOCUMENT", .right = true },
						 { .heading = "GUESS", .right = true },
						 { .heading = "BTF", .right = true },
						 { .heading = "HOLDS", .right = true },
						 { .heading = "FAILS", .right = true },
						 { .heading = "RESULT" } },
				    .n = 7 };

int verify_print(const struct tcpt_guess *guess, const struct tcpt_guess_opts *opts,
		 const struct cli *cli)
{
	struct tcpt_offsets *btf = NULL;
	struct verdict verdict = { .table = empty };
	int err;

	if (!opts->replay && !tcpt_offsets_from_btf(&btf, NULL, NULL))
		verdict.btf = btf;
	for (unsigned int i = 0; tcpt_field_name(i); i++) {
		struct tcpt_check check;

		if (!tcpt_guess_check(guess, tcpt_field_name(i), &check))
			add_row(&verdict, tcpt_field_name(i), &check);
	}
	err = table_print(&verdict.table, cli);
	if (!err)
		printf("%u fields, %u differ, %u untested%s\n", verdict.fields, verdict.differ,
		       verdict.untested, btf ? "" : "; no BTF to compare with");
	tcpt_offsets_free(btf);
	return err ? err : verdict.differ ? -EUCLEAN : 0;
}
