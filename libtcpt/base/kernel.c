// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The running kernel: which one it is, and what it says of itself. */
#include <bpf/btf.h>
#include <link.h>
#include <linux/membarrier.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "base/files.h"
#include "base/kernel.h"
#include "base/knobs.h"
#include "base/wait.h"
#include "internal.h"

static size_t padded(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

/* Reads the GNU build id as text. /sys/kernel/notes has the notes of vmlinux. */
static void read_build_id(char *text, size_t size)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char notes[8192];
	ssize_t n = file_read_path("/sys/kernel/notes", notes, sizeof(notes));
	const Elf64_Nhdr *note;

	text[0] = '\0';
	for (size_t at = 0; n > 0 && at + sizeof(*note) <= (size_t)n;) {
		const unsigned char *name = notes + at + sizeof(*note);
		const unsigned char *desc;

		note = (const Elf64_Nhdr *)(notes + at);
		desc = name + padded(note->n_namesz);
		at += sizeof(*note) + padded(note->n_namesz) + padded(note->n_descsz);
		if (at > (size_t)n)
			return;
		if (note->n_type != NT_GNU_BUILD_ID || note->n_namesz != 4 ||
		    memcmp(name, "GNU", 4) || note->n_descsz * 2 >= size)
			continue;
		for (unsigned int i = 0; i < note->n_descsz; i++) {
			*text++ = hex[desc[i] >> 4];
			*text++ = hex[desc[i] & 15];
		}
		*text = '\0';
		return;
	}
}

int kernel_id_read(struct kernel_id *id)
{
	struct utsname name;

	if (uname(&name))
		return -errno;
	snprintf(id->release, sizeof(id->release), "%s", name.release);
	snprintf(id->machine, sizeof(id->machine), "%s", name.machine);
	read_build_id(id->build_id, sizeof(id->build_id));
	return 0;
}

#define VERSION_NOTE 0 /* its type, of the name "Linux" (arch/x86/entry/vdso/vdso-note.S) */

/* Returns the version that the kernel has in the notes of one segment; 0 if it has none there. */
static uint32_t version_in(const char *notes, size_t size)
{
	for (size_t at = 0; at + sizeof(ElfW(Nhdr)) <= size;) {
		const ElfW(Nhdr) *note = (const ElfW(Nhdr) *)(notes + at);
		const char *name = notes + at + sizeof(*note);
		const char *desc = name + padded(note->n_namesz);

		if (note->n_type == VERSION_NOTE && note->n_namesz == sizeof("Linux") &&
		    !memcmp(name, "Linux", sizeof("Linux")) && note->n_descsz == sizeof(uint32_t))
			return *(const uint32_t *)desc;
		at = desc + padded(note->n_descsz) - notes;
	}
	return 0;
}

/* The vDSO, which the kernel maps into each process, names the version. */
static uint32_t version_in_vdso(void)
{
	const char *vdso = (const char *)getauxval(AT_SYSINFO_EHDR);
	const ElfW(Ehdr) *elf = (const ElfW(Ehdr) *)vdso;
	const ElfW(Phdr) * segment;
	uint32_t version = 0;

	if (!vdso)
		return 0;
	segment = (const ElfW(Phdr) *)(vdso + elf->e_phoff);
	for (int i = 0; !version && i < elf->e_phnum; i++, segment++)
		if (segment->p_type == PT_NOTE)
			version = version_in(vdso + segment->p_offset, segment->p_filesz);
	return version;
}

uint32_t kernel_version(void)
{
	unsigned int a = 0, b = 0, c = 0;
	uint32_t version = version_in_vdso();
	struct utsname name;

	if (!version && !uname(&name)) {
		sscanf(name.release, "%u.%u.%u", &a, &b, &c);
		version = a << 16 | b << 8 | (c > 255 ? 255 : c);
	}
	return version;
}

void kernel_boot_id(char *text, size_t size)
{
	file_read_path("/proc/sys/kernel/random/boot_id", text, size);
	text[strcspn(text, "\n")] = '\0';
}

int kernel_function_args(const char *function)
{
	struct btf *btf = btf__load_vmlinux_btf();
	const struct btf_type *type;
	int id, args = -ENOENT;

	if (!btf)
		return -errno;
	id = btf__find_by_name_kind(btf, function, BTF_KIND_FUNC);
	type = id < 0 ? NULL : btf__type_by_id(btf, btf__type_by_id(btf, id)->type);
	if (type)
		args = btf_vlen(type);
	btf__free(btf);
	return args;
}

#define RUN_NS 100000000 /* a program takes less, unless it is preempted */

/*
 * Returns whether membarrier(2) has waited for the programs. It returns when every
 * processor has passed a quiescent state of RCU. A program that runs delays that. Some
 * kernels (nohz_full) and containers refuse it. With one processor it returns at once.
 */
static bool membarrier_waits(void)
{
	return !knob_without("membarrier") && sysconf(_SC_NPROCESSORS_ONLN) > 1 &&
	       !syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

void kernel_await_programs(void)
{
	if (!membarrier_waits())
		wait_ns(RUN_NS);
}

#define FIRST_PID_NAMESPACE 0xEFFFFFFCU /* PROC_PID_INIT_INO, include/linux/proc_ns.h, since 3.8 */

bool kernel_is_first_pidns(const char *path, bool *known)
{
	struct stat st;

	*known = !stat(path, &st);
	return *known && st.st_ino == FIRST_PID_NAMESPACE;
}
