// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Calls the functions of tcpt.h with arguments that make no sense. They return -EINVAL,
 * or what tcpt.h says, and send one message if there is a log. Nothing is loaded.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "../test.h"
#include "guess/guess.h"
#include "read/reader.h"
#include "read/stat.h"
#include "trace/trace.h"

static unsigned int messages;
static char last[512];

static void on_message(void *arg, enum tcpt_log_level level, const char *text)
{
	(void)arg;
	messages += level == TCPT_LOG_ERROR && *text;
	snprintf(last, sizeof(last), "%s", text);
}

static const struct tcpt_log logged = { on_message, NULL };

/* Checks that a call is refused, with a message. */
#define CHECK_REFUSED(call, err)        \
	do {                            \
		messages = 0;           \
		CHECK_INT(call, err);   \
		CHECK_INT(messages, 1); \
	} while (0)

/* Returns offsets of all fields, one after the other, so that they do not overlap. */
static struct tcpt_offsets *some_offsets(void)
{
	struct tcpt_offsets *offsets = tcpt_offsets_new();

	for (unsigned int i = 0; tcpt_field_name(i); i++)
		CHECK_INT(tcpt_offsets_set(offsets, tcpt_field_name(i), i * 16), 0);
	return offsets;
}

static void test_offsets(void)
{
	struct tcpt_offsets *offsets = some_offsets(), *none = NULL;
	void *data;
	size_t size;

	CHECK(!tcpt_offsets_copy(NULL) && errno == EINVAL);
	tcpt_offsets_free(NULL);
	CHECK_REFUSED(tcpt_offsets_read(NULL, 0, "x", &logged), -EINVAL);
	CHECK_REFUSED(tcpt_offsets_read(&none, -1, NULL, &logged), -EBADF);
	CHECK_REFUSED(tcpt_offsets_parse(NULL, "", 0, "x", &logged), -EINVAL);
	CHECK_REFUSED(tcpt_offsets_parse(&none, NULL, 0, "x", &logged), -EINVAL);
	CHECK_REFUSED(tcpt_offsets_parse(&none, "", 0, NULL, &logged), -EINVAL);
	CHECK_REFUSED(tcpt_offsets_parse(&none, "", SIZE_MAX, NULL, &logged), -EINVAL);
	CHECK(!none);
	CHECK_REFUSED(tcpt_offsets_check_file(-1, NULL, &logged), -EBADF);
	CHECK_REFUSED(tcpt_offsets_from_btf(NULL, NULL, &logged), -EINVAL);
	CHECK_INT(tcpt_offsets_format(NULL, TCPT_OFFSETS_TEXT, &data, &size), -EINVAL);
	CHECK_INT(tcpt_offsets_format(offsets, TCPT_OFFSETS_TEXT, NULL, &size), -EINVAL);
	CHECK_INT(tcpt_offsets_format(offsets, TCPT_OFFSETS_TEXT, &data, NULL), -EINVAL);
	CHECK_INT(tcpt_offsets_format(offsets, (enum tcpt_offsets_format)77, &data, &size),
		  -EINVAL);
	CHECK_INT(tcpt_offsets_format(offsets, (enum tcpt_offsets_format) - 1, &data, &size),
		  -EINVAL);
	CHECK(!tcpt_offsets_text(NULL) && errno == EINVAL);
	CHECK_INT(tcpt_offsets_get(NULL, "sock.sk_err"), -EINVAL);
	CHECK_INT(tcpt_offsets_get(offsets, NULL), -EINVAL);
	CHECK_INT(tcpt_offsets_get(offsets, ""), -ENOENT);
	CHECK_INT(tcpt_offsets_set(NULL, "sock.sk_err", 0), -EINVAL);
	CHECK_INT(tcpt_offsets_set(offsets, NULL, 0), -EINVAL);
	CHECK_INT(tcpt_offsets_set(offsets, "sock.sk_err", INT_MAX), -ERANGE);
	CHECK_INT(tcpt_offsets_set(offsets, "sock.sk_err", INT_MIN), -ERANGE);
	CHECK(!tcpt_field_name(UINT_MAX));
	CHECK_REFUSED(tcpt_offsets_check_kernel(NULL, &logged), -EINVAL);
	CHECK(!tcpt_offsets_build_id(NULL));
	CHECK_INT(tcpt_offsets_btf(NULL, &data, &size), -EINVAL);
	CHECK_INT(tcpt_offsets_btf(offsets, NULL, &size), -EINVAL);
	CHECK_INT(tcpt_offsets_btf(offsets, &data, NULL), -EINVAL);
	CHECK_REFUSED(tcpt_offsets_verify(NULL, &logged), -EINVAL);
	tcpt_offsets_free(offsets);
	offsets = tcpt_offsets_new();
	CHECK_REFUSED(tcpt_offsets_verify(offsets, &logged), -EINVAL);
	tcpt_offsets_free(offsets);
}

static void test_guess(void)
{
	struct tcpt_guess_opts opts = { .size = sizeof(opts), .log = &logged };
	const char *const unknown[] = { "no.such", NULL };
	struct tcpt_guess *guess = (struct tcpt_guess *)&opts;
	struct tcpt_check check;

	CHECK_REFUSED(tcpt_guess_run(NULL, &opts), -EINVAL);
	CHECK_INT(tcpt_guess_run(&guess, NULL), -EINVAL);
	CHECK(!guess);
	opts.via = (enum tcpt_via)77;
	CHECK_REFUSED(tcpt_guess_run(&guess, &opts), -EINVAL);
	CHECK(!tcpt_guess_offsets(guess));
	tcpt_guess_free(guess);
	opts.via = TCPT_VIA_AUTO;
	opts.only = unknown;
	CHECK_REFUSED(tcpt_guess_run(&guess, &opts), -EINVAL);
	CHECK_INT(tcpt_guess_check(guess, "sock.sk_err", &check), -ENOENT);
	CHECK(!tcpt_guess_explain(guess, (enum tcpt_explain)77));
	CHECK_REFUSED(tcpt_guess_dump(guess, NULL, &logged), -EINVAL);
	tcpt_guess_free(guess);
	CHECK(!tcpt_guess_offsets(NULL));
	CHECK(!tcpt_guess_explain(NULL, TCPT_EXPLAIN_TEXT));
	CHECK_REFUSED(tcpt_guess_dump(NULL, "/nowhere", &logged), -EINVAL);
	CHECK_INT(tcpt_guess_check(NULL, NULL, NULL), -EINVAL);
	tcpt_guess_free(NULL);
}

/* The size of a struct of options is believed within limits. Nothing behind it is read. */
static void test_sizes(void)
{
	struct {
		struct tcpt_guess_opts opts;
		char more[64];
	} large = { .opts = { .log = &logged, .via = (enum tcpt_via)77 } };
	const size_t bad[] = { 0, 1, sizeof(size_t) - 1, 4097, SIZE_MAX };
	size_t *least = malloc(sizeof(*least));
	struct tcpt_guess *guess;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		large.opts.size = bad[i];
		CHECK_INT(tcpt_guess_run(&guess, &large.opts), -EINVAL);
		CHECK(!guess);
	}
	large.opts.size = sizeof(large);
	CHECK_REFUSED(tcpt_guess_run(&guess, &large.opts), -EINVAL); /* because of via */
	tcpt_guess_free(guess);
	large.more[63] = 1;
	CHECK_REFUSED(tcpt_guess_run(&guess, &large.opts), -E2BIG);
	*least = sizeof(*least);
	CHECK_INT(tcpt_trace_load((struct tcpt_trace **)&guess, (const void *)least), -EINVAL);
	free(least);
}

static void test_filters(void)
{
	struct tcpt_filters_edit edit = { .size = sizeof(edit) };
	struct tcpt_filters *filters;
	struct tcpt_filter filter, *list;
	size_t n;

	CHECK(!tcpt_filter_key_name((enum tcpt_filter_key)77));
	CHECK(!tcpt_filter_key_name((enum tcpt_filter_key) - 1));
	CHECK_REFUSED(tcpt_filter_parse(&filter, 1, NULL, &logged), -EINVAL);
	CHECK_REFUSED(tcpt_filter_parse(NULL, 1, "pid=1", &logged), -EINVAL);
	CHECK_REFUSED(tcpt_filter_parse(&filter, 0, "pid=1", &logged), -E2BIG);
	CHECK_REFUSED(tcpt_filters_open(NULL, NULL, &logged), -EINVAL);
	CHECK_REFUSED(tcpt_filters_open(&filters, "", &logged), -EINVAL);
	CHECK_INT(tcpt_filters_list(NULL, &list, &n), -EINVAL);
	CHECK_INT(tcpt_filters_edit(NULL, &edit), -EINVAL);
	CHECK_INT(tcpt_filters_edit(NULL, NULL), -EINVAL);
	tcpt_filters_close(NULL);
}

/*
 * Checks that a load is refused because of its options, not because the place of its
 * pins does not exist.
 */
static void refuse_load(int err, struct tcpt_load_opts opts)
{
	struct tcpt_trace *trace = NULL;

	opts.size = sizeof(opts);
	opts.log = &logged;
	opts.pin = "/nowhere/tcpt";
	CHECK_REFUSED(tcpt_trace_load(&trace, &opts), err);
	opts.replace = true;
	CHECK_REFUSED(tcpt_trace_load(&trace, &opts), err);
	CHECK(!trace);
	CHECK(!strstr(last, "nowhere"));
}

#define REFUSE_LOAD(...) \
	refuse_load(-EINVAL, (struct tcpt_load_opts){ .offsets = offsets, __VA_ARGS__ })

static void test_trace(void)
{
	struct tcpt_offsets *offsets = some_offsets(), *unset = tcpt_offsets_new();
	struct tcpt_load_opts opts = { .size = sizeof(opts), .log = &logged, .offsets = offsets };
	struct tcpt_filter filter = { .key = (enum tcpt_filter_key)77, .value = 1 };
	struct tcpt_trace *trace;

	CHECK_REFUSED(tcpt_trace_load(NULL, &opts), -EINVAL);
	CHECK_INT(tcpt_trace_load(&trace, NULL), -EINVAL);
	REFUSE_LOAD(.attach = (enum tcpt_attach)77);
	REFUSE_LOAD(.attach = (enum tcpt_attach) - 1);
	REFUSE_LOAD(.taps = 5);
	REFUSE_LOAD(.taps = UINT_MAX - 1);
	REFUSE_LOAD(.ring_bytes = SIZE_MAX);
	REFUSE_LOAD(.filter_count = 1);
	refuse_load(-E2BIG, (struct tcpt_load_opts){ .offsets = offsets,
						     .filters = &filter,
						     .filter_count = SIZE_MAX });
	REFUSE_LOAD(.filter_count = 1, .filters = &filter);
	REFUSE_LOAD(.for_group = true, .group = UINT32_MAX);
	tcpt_offsets_free(offsets);
	offsets = NULL;
	REFUSE_LOAD();
	offsets = unset;
	REFUSE_LOAD();
	tcpt_offsets_free(unset);
	CHECK(tcpt_trace_is_over(NULL));
	CHECK_INT(tcpt_trace_attach(NULL), TCPT_ATTACH_AUTO);
	CHECK(!tcpt_attach_name((enum tcpt_attach)77));
	CHECK_REFUSED(tcpt_trace_unload("", &logged), -EINVAL);
	tcpt_trace_close(NULL);
}

static void test_probe(void)
{
	struct tcpt_probe *probe;

	CHECK_INT(tcpt_probe_run(NULL), -EINVAL);
	CHECK_INT(tcpt_probe_run(&probe), 0);
	CHECK(!tcpt_probe_hook(probe, UINT_MAX));
	CHECK_INT(tcpt_probe_use(probe, 0, (enum tcpt_attach)77), TCPT_USE_NONE);
	CHECK_INT(tcpt_probe_use(probe, 0, (enum tcpt_attach) - 1), TCPT_USE_NONE);
	CHECK(!tcpt_probe_mode(probe, (enum tcpt_attach)77));
	CHECK(!tcpt_probe_mode(probe, (enum tcpt_attach) - 1));
	tcpt_probe_free(probe);
	CHECK(!tcpt_probe_hook(NULL, 0));
	CHECK_INT(tcpt_probe_use(NULL, 0, TCPT_ATTACH_KPROBE), TCPT_USE_NONE);
	CHECK(!tcpt_probe_mode(NULL, TCPT_ATTACH_KPROBE));
	CHECK_INT(tcpt_probe_best(NULL, true), TCPT_ATTACH_AUTO);
	CHECK(!tcpt_probe_is_split(NULL));
	CHECK(!tcpt_hook_state_name((enum tcpt_hook_state)77));
	tcpt_probe_free(NULL);
}

static void test_stat(void)
{
	const unsigned int taps[] = { 0, 5, INT_MAX, UINT_MAX };
	struct tcpt_reader *reader;
	struct tcpt_stat *stat;

	for (size_t i = 0; i < sizeof(taps) / sizeof(taps[0]); i++) {
		CHECK_REFUSED(tcpt_stat_read(&stat, NULL, taps[i], &logged), -EINVAL);
		CHECK_REFUSED(tcpt_reader_open(&reader, NULL, taps[i], &logged), -EINVAL);
	}
	CHECK_REFUSED(tcpt_stat_read(NULL, NULL, 1, &logged), -EINVAL);
	CHECK_REFUSED(tcpt_missed_read(NULL, NULL, 1, &logged), -EINVAL);
	CHECK(!tcpt_stat_trace(NULL) && !tcpt_stat_sum(NULL));
	CHECK(!tcpt_stat_cpu(NULL, 0) && !tcpt_stat_missed(NULL, 0));
	CHECK(!tcpt_stat_tap(NULL, 0) && !tcpt_stat_filter(NULL, 0));
	CHECK(!tcpt_stat_format(NULL, TCPT_STAT_TEXT) && errno == EINVAL);
	tcpt_stat_free(NULL);
}

static void test_reader(void)
{
	struct tcpt_reader *reader;
	struct tcpt_event event;

	CHECK_REFUSED(tcpt_reader_open(NULL, NULL, 1, &logged), -EINVAL);
	CHECK_REFUSED(tcpt_reader_open(&reader, "", 1, &logged), -EINVAL);
	CHECK_INT(tcpt_reader_next(NULL, &event), -EINVAL);
	CHECK_INT(tcpt_reader_lost(NULL, &event), -EINVAL);
	tcpt_reader_ack(NULL);
	CHECK(tcpt_reader_is_over(NULL));
	tcpt_reader_close(NULL);
}

/*
 * Checks that each line of an event fits, whatever is in the event, and that nothing
 * behind the event is read.
 */
static void check_event(const struct tcpt_event *given)
{
	struct tcpt_event *event = malloc(sizeof(*event));
	char *line = malloc(TCPT_LINE_MAX);

	*event = *given;
	for (int format = -1; format < 6; format++) {
		size_t size = tcpt_event_format(event, (enum tcpt_format)format, line);

		CHECK(size <= TCPT_LINE_MAX);
		CHECK(!size || line[size - 1] == '\n');
	}
	free(line);
	free(event);
}

static void test_events(void)
{
	struct tcpt_event event;
	char line[TCPT_LINE_MAX];

	CHECK(!tcpt_event_type_name((enum tcpt_event_type)77));
	CHECK(!tcpt_where_name((enum tcpt_where)77));
	CHECK(!tcpt_reason_name((enum tcpt_reason)77));
	memset(&event, 0, sizeof(event));
	CHECK_INT(tcpt_event_format(NULL, TCPT_FORMAT_TEXT, line), 0);
	CHECK_INT(tcpt_event_format(&event, TCPT_FORMAT_TEXT, NULL), 0);
	CHECK_INT(tcpt_event_format(&event, (enum tcpt_format)77, line), 0);
	CHECK_INT(tcpt_event_heading(TCPT_FORMAT_TEXT, NULL), 0);
	for (int type = -1; type <= TCPT_EVENT_TYPES; type++) {
		memset(&event, 0xff, sizeof(event));
		event.late = event.has_duration = event.has_bytes_sent = true;
		event.has_bytes_received = event.has_srtt = event.has_retransmits = true;
		event.has_wait = true;
		event.who = NULL;
		event.type = (enum tcpt_event_type)type;
		check_event(&event);
		memset(event.comm, 1, sizeof(event.comm));
		event.error = INT_MIN;
		event.family = 6;
		check_event(&event);
	}
	event.type = TCPT_EVENT_TYPES;
	CHECK_INT(tcpt_event_format(&event, TCPT_FORMAT_TEXT, line), 0);
}

static void test_list(void)
{
	const struct tcpt_filter type = { .key = TCPT_FILTER_TYPE, .value = TCPT_EVENT_CLOSE };
	struct tcpt_list_opts opts = { .size = sizeof(opts), .log = &logged };
	struct tcpt_list *list = NULL;

	CHECK_REFUSED(tcpt_list_read(NULL, &opts), -EINVAL);
	CHECK_INT(tcpt_list_read(&list, NULL), -EINVAL);
	opts.filter_count = 1;
	CHECK_REFUSED(tcpt_list_read(&list, &opts), -EINVAL);
	opts.filters = &type;
	CHECK_REFUSED(tcpt_list_read(&list, &opts), -EINVAL);
	CHECK(!list && !tcpt_list_at(NULL, 0));
	tcpt_list_free(NULL);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(test_offsets), TEST(test_guess), TEST(test_sizes), TEST(test_filters),
		TEST(test_trace),   TEST(test_probe), TEST(test_stat),	TEST(test_reader),
		TEST(test_events),  TEST(test_list),
	};

	return run_tests(tests, sizeof(tests) / sizeof(tests[0]));
}
