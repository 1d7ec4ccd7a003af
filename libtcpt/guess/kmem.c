// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Reads kernel memory through the guess's BPF program.
 *
 * The program runs when a socket of this thread changes its state. The bell is a socket
 * that can do so at any time, without a connection: it listens and is then
 * disconnected, and so changes to CLOSE.
 */
#include <sys/prctl.h>
#include <sys/socket.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "attach/embedded.h"
#include "attach/kprobe.h"
#include "base/caps.h"
#include "base/kernel.h"
#include "base/random.h"
#include "base/tracefs.h"
#include "base/wait.h"
#include "guess.object.h"
#include "guess/kmem.h"
#include "guess/memory.h"
#include "guess/snapshot.h"
#include "internal.h"
#include "maps/left-out.h"
#include "tcpt_abi.h"
#include "tcpt_abi_guess.h"

struct kmem {
	struct bpf_object *object;
	int request, reply, chunks; /* its maps */
	struct bpf_link *link;
	const char *via;
	char comm[TCPT_COMM_LEN];
	struct left_out *left_out; /* the maps of loaded traces that leave this thread out */
	int bell;
	bool has_kprobe;
	bool failed; /* a request was never served */
};

static const struct {
	enum tcpt_via via;
	const char *name;
	const char *hook;
} vias[] = {
	{ TCPT_VIA_RAW_TP, "raw_tp", "raw tracepoint inet_sock_set_state" },
	{ TCPT_VIA_KPROBE, "kprobe", "kprobe tcp_set_state" },
};

/* Loads the one program. Returns it, or NULL with errno. */
static struct bpf_program *load(struct kmem *kmem, const char *name)
{
	struct bpf_program *program, *wanted;

	kmem->object = embedded_open(guess_object, sizeof(guess_object), NULL);
	if (!kmem->object)
		return NULL;
	bpf_object__set_kversion(kmem->object, kernel_version());
	wanted = bpf_object__find_program_by_name(kmem->object, name);
	bpf_object__for_each_program(program, kmem->object)
		bpf_program__set_autoload(program, program == wanted);
	if (bpf_object__load(kmem->object))
		return NULL;
	kmem->request = bpf_object__find_map_fd_by_name(kmem->object, "request");
	kmem->reply = bpf_object__find_map_fd_by_name(kmem->object, "reply");
	kmem->chunks = bpf_object__find_map_fd_by_name(kmem->object, "chunks");
	return wanted;
}

static int attach(struct kmem *kmem, enum tcpt_via via)
{
	struct bpf_program *program = load(kmem, via == TCPT_VIA_RAW_TP ? "rt_guess" : "kp_guess");

	if (!program)
		return -errno;
	kmem->has_kprobe = via == TCPT_VIA_KPROBE;
	kmem->link = kmem->has_kprobe ? kprobe_attach("tcp_set_state", program) :
					bpf_program__attach(program);
	return kmem->link ? 0 : -errno;
}

static const char *explain_via(enum tcpt_via via, int err)
{
	if (via == TCPT_VIA_KPROBE && err == -ENODEV)
		return "this kernel has no kprobes";
	return via == TCPT_VIA_KPROBE && err == -ENOSYS ? tracefs_explain(err) : strerror(-err);
}

/* Returns true if no program of this kernel can look into it, whoever loads the program. */
static bool lacks_tracing(void)
{
	const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int prog = bpf_prog_load(BPF_PROG_TYPE_TRACEPOINT, NULL, "GPL", nothing, 2, NULL);
	bool lacks = prog < 0 && errno == EINVAL;

	if (prog >= 0)
		close(prog);
	return lacks;
}

static int explain_vias(enum tcpt_via wanted, const char *tried, const struct tcpt_log *log)
{
	if (lacks_tracing())
		return log_error(
			log, -EOPNOTSUPP,
			"this kernel lets no program look into it (CONFIG_BPF_EVENTS); it can "
			"be traced without offsets: tcpt-load --offsets=none "
			"--attach=cgroup");
	return log_error(log, -EOPNOTSUPP, "cannot guess through %s; %s", tried,
			 wanted == TCPT_VIA_AUTO ? "one of these is needed" : "leave out --via");
}

/* The thread of the guess has copies of the descriptors, and may be closing them just now. */
static void detach(struct kmem *kmem)
{
	bpf_link__destroy(kmem->link);
	bpf_object__close(kmem->object);
	if (kmem->has_kprobe)
		kprobe_tidy_await();
	kmem->link = NULL;
	kmem->object = NULL;
	kmem->has_kprobe = false;
}

static int try_vias(struct kmem *kmem, enum tcpt_via wanted, const struct tcpt_log *log)
{
	char tried[256] = "";
	int err = -EOPNOTSUPP;

	for (size_t i = 0; i < ARRAY_SIZE(vias); i++) {
		size_t used = strlen(tried);

		if (wanted != TCPT_VIA_AUTO && wanted != vias[i].via)
			continue;
		err = attach(kmem, vias[i].via);
		if (!err) {
			kmem->via = vias[i].name;
			return 0;
		}
		detach(kmem);
		if (err == -EPERM)
			return caps_explain_bpf(err, log);
		if (err == -EMFILE || err == -ENFILE || err == -ENOMEM)
			return log_error(log, err, "cannot load the program of the guess: %s",
					 strerror(-err));
		snprintf(tried + used, sizeof(tried) - used, "%s%s: %s", used ? "; " : "",
			 vias[i].hook, explain_via(vias[i].via, err));
	}
	if (err == -EACCES && caps_for_perf())
		return log_error(log, -EPERM,
				 "not permitted to attach to %s; run as root or with %s", tried,
				 caps_for_perf());
	return explain_vias(wanted, tried, log);
}

int kmem_open(struct kmem **out, enum tcpt_via via, const struct tcpt_log *log)
{
	struct kmem *kmem = calloc(1, sizeof(*kmem));
	const struct tcpt_log *outer;
	int err;

	if (!kmem)
		return -ENOMEM;
	kmem->bell = -1;
	outer = log_capture_libbpf(log);
	err = try_vias(kmem, via, log);
	log_release_libbpf(outer);
	if (err)
		free(kmem);
	else
		*out = kmem;
	return err;
}

void kmem_close(struct kmem *kmem)
{
	if (!kmem)
		return;
	left_out_leave(kmem->left_out);
	detach(kmem);
	free(kmem);
}

bool kmem_has_failed(const struct kmem *kmem)
{
	return kmem->failed;
}

const char *kmem_via(const struct kmem *kmem)
{
	return kmem->via;
}

void kmem_adopt_thread(struct kmem *kmem)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	unsigned char random[TCPT_COMM_LEN];

	random_bytes(random, sizeof(random));
	memcpy(kmem->comm, TCPT_ABI_LEFT_OUT_NAME, TCPT_ABI_LEFT_OUT_NAME_LEN);
	for (int i = TCPT_ABI_LEFT_OUT_NAME_LEN; i < TCPT_COMM_LEN - 1; i++)
		kmem->comm[i] = letters[random[i] % (sizeof(letters) - 1)];
	kmem->comm[TCPT_COMM_LEN - 1] = '\0';
	prctl(PR_SET_NAME, kmem->comm);
	kmem->left_out = left_out_enter(kmem->comm);
}

/* ---- one request ---- */

static void arm(struct kmem *kmem, struct tcpt_guess_request *request, unsigned int states)
{
	struct tcpt_guess_reply reply = {};
	__u32 zero = 0;

	memcpy(request->comm, kmem->comm, sizeof(request->comm));
	request->states = states;
	bpf_map_update_elem(kmem->request, &zero, request, BPF_ANY);
	bpf_map_update_elem(kmem->reply, &zero, &reply, BPF_ANY);
}

static int take(struct kmem *kmem, struct tcpt_guess_reply *reply)
{
	__u32 zero = 0;

	if (bpf_map_lookup_elem(kmem->reply, &zero, reply))
		return -errno;
	return reply->done ? 0 : -ETIME;
}

static bool take_chunk(struct kmem *kmem, const struct tcpt_guess_reply *reply, __u32 slot,
		       unsigned char *bytes)
{
	return !(reply->failed >> slot & 1) && !bpf_map_lookup_elem(kmem->chunks, &slot, bytes);
}

static int ring_bell(struct kmem *kmem)
{
	struct sockaddr nowhere = { .sa_family = AF_UNSPEC };

	if (listen(kmem->bell, 1) || connect(kmem->bell, &nowhere, sizeof(nowhere)))
		return -errno;
	return 0;
}

#define BELL_TRIES 64
#define BELL_TRIES_AT_ONCE 16

/*
 * Waits before a further try. While a raw tracepoint program is preempted, the kernel
 * runs no other instance of it, and it needs the processor to end.
 */
static void give_way(int tries)
{
	if (tries >= BELL_TRIES_AT_ONCE)
		wait_ns((tries - BELL_TRIES_AT_ONCE + 1) * 1000000L);
}

static int ask(struct kmem *kmem, struct tcpt_guess_request *request,
	       struct tcpt_guess_reply *reply)
{
	int err = -ETIME;

	for (int tries = 0; err == -ETIME && tries < BELL_TRIES && !kmem->failed; tries++) {
		give_way(tries);
		arm(kmem, request, 1U << TCPT_CLOSE);
		err = ring_bell(kmem);
		if (!err)
			err = take(kmem, reply);
	}
	kmem->failed |= err != 0;
	return err;
}

/* ---- windows ---- */

static void window_request(struct tcpt_guess_request *request, enum tcpt_guess_base base,
			   uint64_t from, unsigned int chunks)
{
	request->base = base;
	request->count = chunks;
	for (unsigned int i = 0; i < chunks; i++)
		request->slot[i] = from + i * MEMORY_CHUNK;
}

static void take_window(struct kmem *kmem, const struct tcpt_guess_reply *reply,
			unsigned char *bytes, unsigned int chunks, uint32_t *missing)
{
	*missing = 0;
	for (unsigned int i = 0; i < chunks; i++)
		if (!take_chunk(kmem, reply, i, bytes + i * MEMORY_CHUNK))
			*missing |= 1U << i;
}

void kmem_arm_sock(struct kmem *kmem, unsigned int states)
{
	struct tcpt_guess_request request = {};

	left_out_renew(kmem->left_out);
	window_request(&request, TCPT_GUESS_SOCK, 0, SOCK_WINDOW / MEMORY_CHUNK);
	arm(kmem, &request, states);
}

int kmem_take_sock(struct kmem *kmem, struct snapshot *snap)
{
	struct tcpt_guess_reply reply;
	int err = take(kmem, &reply);

	if (err)
		return err;
	snap->sock = reply.sk;
	snap->task = reply.task;
	take_window(kmem, &reply, snap->sock_bytes, SOCK_WINDOW / MEMORY_CHUNK,
		    &snap->sock_missing);
	return 0;
}

/*
 * An interrupt may change the state of another socket in between. A sock that was met
 * twice in a row is the bell.
 */
int kmem_read_bell(struct kmem *kmem, struct snapshot *snap)
{
	uint64_t before = 0;
	int err;

	for (int tries = 0; tries < BELL_TRIES; tries++) {
		give_way(tries);
		kmem_arm_sock(kmem, 1U << TCPT_CLOSE);
		err = ring_bell(kmem);
		if (!err)
			err = kmem_take_sock(kmem, snap);
		if (err == -ETIME)
			continue;
		if (err)
			return err;
		if (snap->sock == before)
			return 0;
		before = snap->sock;
	}
	return -ETIME;
}

int kmem_read_sock(struct kmem *kmem, uint64_t sock, struct snapshot *snap)
{
	struct tcpt_guess_request request = {};
	struct tcpt_guess_reply reply;
	int err;

	window_request(&request, TCPT_GUESS_ABSOLUTE, sock, SOCK_WINDOW / MEMORY_CHUNK);
	err = ask(kmem, &request, &reply);
	if (err)
		return err;
	snap->sock = sock;
	snap->task = reply.task;
	take_window(kmem, &reply, snap->sock_bytes, SOCK_WINDOW / MEMORY_CHUNK,
		    &snap->sock_missing);
	return 0;
}

int kmem_read_task(struct kmem *kmem, struct snapshot *snap)
{
	struct tcpt_guess_request request = {};
	struct tcpt_guess_reply reply;
	uint32_t missing;
	int err;

	snap->task_bytes = calloc(1, TASK_WINDOW);
	if (!snap->task_bytes)
		return -ENOMEM;
	window_request(&request, TCPT_GUESS_TASK, 0, TASK_WINDOW / MEMORY_CHUNK);
	err = ask(kmem, &request, &reply);
	if (!err)
		take_window(kmem, &reply, snap->task_bytes, TASK_WINDOW / MEMORY_CHUNK, &missing);
	return err;
}

bool kmem_fetch(void *arg, uint64_t address, unsigned char *chunk)
{
	struct kmem *kmem = arg;
	struct tcpt_guess_request request = { .count = 1, .slot = { address } };
	struct tcpt_guess_reply reply;

	return !ask(kmem, &request, &reply) && take_chunk(kmem, &reply, 0, chunk);
}

void kmem_use_bell(struct kmem *kmem, int fd)
{
	kmem->bell = fd;
}
