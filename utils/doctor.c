// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "doctor.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "text.h"

static void find(struct doctor *doctor, const char *name, enum finding_state state,
		 const char *cure, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

static void find(struct doctor *doctor, const char *name, enum finding_state state,
		 const char *cure, const char *fmt, ...)
{
	struct finding *finding = &doctor->of[doctor->n++];
	va_list ap;

	finding->name = name;
	finding->state = state;
	snprintf(finding->cure, sizeof(finding->cure), "%s", state == FINDING_OK ? "" : cure);
	va_start(ap, fmt);
	vsnprintf(finding->found, sizeof(finding->found), fmt, ap);
	va_end(ap);
}

const char *doctor_state_name(enum finding_state state)
{
	static const char *const names[] = { "ok", "note", "lacks" };

	return names[state];
}

/* Reads the first line of a file. Returns false if it cannot be read. */
static bool read_line(const char *path, char *line, int size)
{
	FILE *file = fopen(path, "re");
	bool is_read = file && fgets(line, size, file);

	if (file)
		fclose(file);
	if (is_read)
		line[strcspn(line, "\n")] = '\0';
	return is_read;
}

/* ---- privileges ---- */

static uint64_t read_capabilities(void)
{
	FILE *file = fopen("/proc/self/status", "re");
	char line[256];
	uint64_t bits = 0;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "CapEff: %" SCNx64, &bits) == 1)
			break;
	if (file)
		fclose(file);
	return bits;
}

static void look_at_privileges(struct doctor *doctor)
{
	static const struct {
		int number;
		const char *name;
	} needed[] = { { CAP_SYS_ADMIN, "CAP_SYS_ADMIN" },
		       { CAP_NET_ADMIN, "CAP_NET_ADMIN" },
		       { CAP_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH" } };
	uint64_t bits = read_capabilities();
	char lacking[100] = "";

	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (!(bits >> needed[i].number & 1))
			snprintf(lacking + strlen(lacking), sizeof(lacking) - strlen(lacking),
				 "%s%s", *lacking ? ", " : "", needed[i].name);
	find(doctor, "privileges", *lacking ? FINDING_LACKS : FINDING_OK,
	     "run it as root, outside of user namespaces", "%s%s",
	     *lacking ? "missing: " : "all that is needed", lacking);
}

static void look_at_lockdown(struct doctor *doctor)
{
	char line[128];
	bool is_known = read_line("/sys/kernel/security/lockdown", line, sizeof(line));
	bool is_secret = is_known && strstr(line, "[confidentiality]");

	find(doctor, "lockdown", is_secret ? FINDING_NOTE : FINDING_OK,
	     "boot without lockdown=confidentiality, or: tcpt-load --attach=cgroup --offsets=none",
	     "%s",
	     !is_known ? "none is seen: /sys/kernel/security/lockdown cannot be read" :
	     is_secret ? "confidentiality: kernel memory must not be read" :
	     strstr(line, "[integrity]") ? "integrity, which does no harm" :
					   "none");
}

/* ---- file systems ---- */

static bool is_mounted(const char *path, long magic)
{
	struct statfs fs;

	return !statfs(path, &fs) && fs.f_type == magic;
}

static void look_at_bpffs(struct doctor *doctor)
{
	bool is_there = is_mounted("/sys/fs/bpf", BPF_FS_MAGIC);

	find(doctor, "bpffs", is_there ? FINDING_OK : FINDING_NOTE,
	     "tcpt-load mounts it; or: mount -t bpf bpf /sys/fs/bpf", "%s",
	     is_there ? "mounted at /sys/fs/bpf" : "not mounted at /sys/fs/bpf");
}

static void look_at_tracefs(struct doctor *doctor)
{
	const char *at = is_mounted("/sys/kernel/tracing", TRACEFS_MAGIC) ?
				 "/sys/kernel/tracing" :
			 is_mounted("/sys/kernel/debug/tracing", TRACEFS_MAGIC) ?
				 "/sys/kernel/debug/tracing" :
				 NULL;

	find(doctor, "tracefs", at ? FINDING_OK : FINDING_NOTE,
	     "from Linux 5.2 on it is not needed; before: mount -t tracefs tracefs "
	     "/sys/kernel/tracing",
	     "%s%s", at ? "mounted at " : "not mounted", at ? at : "");
}

static void look_at_cgroups(struct doctor *doctor)
{
	FILE *mounts = fopen("/proc/self/mounts", "re");
	char line[4096], at[256] = "";

	while (mounts && !*at && fgets(line, sizeof(line), mounts))
		if (sscanf(line, "%*s %255s cgroup2 ", at) != 1 || !strstr(line, " cgroup2 "))
			*at = '\0';
	if (mounts)
		fclose(mounts);
	find(doctor, "cgroups", *at ? FINDING_OK : FINDING_NOTE,
	     "cgroup mode and tcpt-trace mount it for themselves; or: mount -t cgroup2 cgroup2 "
	     "DIRECTORY",
	     "%s%s", *at ? "version 2, mounted at " : "version 2 is mounted nowhere", at);
}

/* ---- the kernel ---- */

static bool is_usable(const struct tcpt_hook *hook)
{
	return hook->state == TCPT_HOOK_THERE || hook->state == TCPT_HOOK_RENAMED;
}

/* A kind of hooks is there if one of them is. */
static void look_at_hooks(struct doctor *doctor, const struct tcpt_probe *probe, const char *name,
			  const char *kind, const char *cure)
{
	const struct tcpt_hook *hook, *first = NULL;
	bool is_there = false;

	for (unsigned int i = 0; !is_there && (hook = tcpt_probe_hook(probe, i)); i++) {
		if (strcmp(hook->kind, kind))
			continue;
		is_there = is_usable(hook);
		first = first ? first : hook;
	}
	find(doctor, name, is_there ? FINDING_OK : FINDING_NOTE, cure, "%s",
	     is_there		  ? "programs can be attached" :
	     first && first->note ? first->note :
				    "this kernel has none");
}

static void look_at_btf(struct doctor *doctor)
{
	bool is_there = !access("/sys/kernel/btf/vmlinux", R_OK);

	find(doctor, "BTF", is_there ? FINDING_OK : FINDING_NOTE,
	     "only fentry mode and --offsets=btf need it; a kernel with CONFIG_DEBUG_INFO_BTF has "
	     "it",
	     "%s", is_there ? "/sys/kernel/btf/vmlinux" : "this kernel has none");
}

static void look_at_store(struct doctor *doctor, const struct tcpt_probe *probe)
{
	bool is_mapped;
	enum tcpt_store store = tcpt_probe_store(probe, &is_mapped);

	find(doctor, "event store", FINDING_OK, "", "%s%s",
	     store == TCPT_STORE_SLOTS ? "slots: there is no BPF ring buffer (Linux 5.8)" :
					 "a BPF ring buffer",
	     is_mapped ? "" : ", which readers look up");
}

static void look_at_pinning(struct doctor *doctor, const struct tcpt_probe *probe)
{
	enum tcpt_attach pinned = tcpt_probe_best(probe, false);
	enum tcpt_attach held = tcpt_probe_best(probe, true);
	const char *name = held == TCPT_ATTACH_AUTO ? NULL : tcpt_attach_name(held);

	if (!name)
		find(doctor, "link pinning", FINDING_LACKS, "see the modes below",
		     "no attach mode works");
	else
		find(doctor, "link pinning", pinned == held ? FINDING_OK : FINDING_NOTE,
		     "tcpt-load --hold, or tcpt-hold.service, keeps them (Linux 5.15 can pin them)",
		     pinned == held ? "links of %s mode can be pinned" :
				      "links of %s mode cannot be pinned",
		     name);
}

static void look_at_ipv6(struct doctor *doctor)
{
	char line[16] = "";
	bool is_built = !access("/proc/sys/net/ipv6", F_OK);
	bool is_off = is_built &&
		      (!read_line("/proc/sys/net/ipv6/conf/all/disable_ipv6", line, sizeof(line)) ||
		       *line != '0');

	find(doctor, "IPv6", is_built && !is_off ? FINDING_OK : FINDING_NOTE,
	     "none is needed where no IPv6 is used", "%s",
	     !is_built ? "this kernel has none" :
	     is_off    ? "switched off in this network namespace" :
			 "there");
}

static void look_at_namespaces(struct doctor *doctor)
{
	pid_t child = fork();
	int status = 0;

	if (!child)
		_exit(unshare(CLONE_NEWNET | CLONE_NEWNS) ? errno : 0);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	status = child < 0 || !WIFEXITED(status) ? EAGAIN : WEXITSTATUS(status);
	find(doctor, "namespaces", status ? FINDING_NOTE : FINDING_OK,
	     "tcpt-guess goes on in the present network namespace; tcpt-trace needs root", "%s%s",
	     status ? "cannot be made: " : "can be made", status ? strerror(status) : "");
}

void doctor_look(struct doctor *doctor, const struct tcpt_probe *probe)
{
	doctor->n = 0;
	look_at_privileges(doctor);
	look_at_lockdown(doctor);
	look_at_bpffs(doctor);
	look_at_tracefs(doctor);
	look_at_hooks(doctor, probe, "kprobes", "kprobe",
		      "other modes are used; a kernel with CONFIG_KPROBES has them");
	look_at_hooks(doctor, probe, "trampolines", "fentry",
		      "other modes are used; fentry mode needs Linux 5.5 and BTF");
	look_at_btf(doctor);
	look_at_store(doctor, probe);
	look_at_pinning(doctor, probe);
	look_at_ipv6(doctor);
	look_at_namespaces(doctor);
	look_at_cgroups(doctor);
}

/* ---- modes ---- */

static void add_reason(struct text *text, enum tcpt_attach mode, const struct tcpt_mode *found,
		       enum tcpt_attach held)
{
	text_add(text, ", not %s (", tcpt_attach_name(mode));
	if (!found->works)
		text_add(text, "%s)", found->why);
	else
		text_add(text, "its links cannot be pinned%s)",
			 mode == held ? "; with --hold it is taken" : "");
}

char *doctor_choice(const struct tcpt_probe *probe)
{
	enum tcpt_attach best = tcpt_probe_best(probe, false);
	enum tcpt_attach held = tcpt_probe_best(probe, true);
	struct text text = {};

	text_add(&text, "%s", best == TCPT_ATTACH_AUTO ? "none" : tcpt_attach_name(best));
	for (enum tcpt_attach mode = TCPT_ATTACH_KPROBE; mode <= TCPT_ATTACH_CGROUP; mode++) {
		if (mode == best)
			break;
		add_reason(&text, mode, tcpt_probe_mode(probe, mode), held);
	}
	if (best == TCPT_ATTACH_KPROBE)
		text_add(&text, ", which misses least");
	return text_end(&text);
}
