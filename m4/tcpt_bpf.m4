dnl SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

# TCPT_BPF_ARCH
# -------------
# The name by which libbpf's bpf_tracing.h knows the registers of the host,
# and the BPF target of the host's byte order. Never those of the build machine.
AC_DEFUN([TCPT_BPF_ARCH],
[AC_REQUIRE([AC_CANONICAL_HOST])
AS_CASE([$host_cpu],
  [i?86|x86_64],     [BPF_ARCH=x86],
  [aarch64*|arm64*], [BPF_ARCH=arm64],
  [arm*],            [BPF_ARCH=arm],
  [s390*],           [BPF_ARCH=s390],
  [powerpc*|ppc*],   [BPF_ARCH=powerpc],
  [mips*],           [BPF_ARCH=mips],
  [sparc*],          [BPF_ARCH=sparc],
  [riscv*],          [BPF_ARCH=riscv],
  [loongarch*],      [BPF_ARCH=loongarch],
  [arc*],            [BPF_ARCH=arc],
  [AC_MSG_ERROR([libbpf knows no registers for the processor $host_cpu])])
BPF_TARGET=$bpf_target
AC_SUBST([BPF_ARCH])
AC_SUBST([BPF_TARGET])])

# TCPT_BPF_INCLUDES
# -----------------
# clang -target bpf does not search the multiarch folder that has asm/types.h.
# Let it search, last of all, where the host compiler does.
AC_DEFUN([TCPT_BPF_INCLUDES],
[AC_CACHE_CHECK([where $CC finds system headers], [tcpt_cv_bpf_includes],
  [tcpt_cv_bpf_includes=`LC_ALL=C $CC -v -E -xc - </dev/null 2>&1 |
     sed -n '/^@%:@include <.*search starts here:/,/^End of search list/s|^ \(/.*\)|-idirafter \1|p' |
     tr '\n' ' ' | sed 's/ $//'`])
BPF_INCLUDES=$tcpt_cv_bpf_includes
AC_SUBST([BPF_INCLUDES])])

# TCPT_BPF_COMPILE(FLAGS, SOURCE, [IF-OK], [IF-NOT])
# --------------------------------------------------
# Compile SOURCE to conftest.bpf.o the way the Makefile does.
m4_define([TCPT_BPF_COMPILE],
[cat >conftest.bpf.c <<'_TCPT_EOF'
$2
_TCPT_EOF
AS_IF([AC_RUN_LOG([$CLANG -g -O2 -target $BPF_TARGET $1 $LIBBPF_CFLAGS $BPF_INCLUDES dnl
-c -o conftest.bpf.o conftest.bpf.c >&AS_MESSAGE_LOG_FD])], [$3], [$4])])

# TCPT_PROG_CLANG
# ---------------
AC_DEFUN([TCPT_PROG_CLANG],
[AC_ARG_VAR([CLANG], [clang with the bpf target])
AC_CHECK_PROGS([CLANG], [clang m4_foreach_w([v], [22 21 20 19 18 17 16 15 14 13 12], [clang-v ])])
AS_IF([test -z "$CLANG"],
  [TCPT_MISSING([clang with the bpf target], [clang], [CLANG])])

AC_MSG_CHECKING([whether $CLANG has the bpf target])
TCPT_BPF_COMPILE([-mcpu=v1], [int tcpt;],
  [AC_MSG_RESULT([yes])],
  [AC_MSG_RESULT([no])
   TCPT_MISSING([clang with the bpf target], [clang], [CLANG])])

AC_MSG_CHECKING([whether $CLANG knows BPF atomics])
TCPT_BPF_COMPILE([-mcpu=v3],
  [[long tcpt(long *p) { return __sync_val_compare_and_swap(p, 0, 1); }]],
  [AC_MSG_RESULT([yes])],
  [AC_MSG_RESULT([no])
   TCPT_MISSING([clang 12 or newer], [clang], [CLANG])])

AC_MSG_CHECKING([for the kernel's user-space headers for BPF])
TCPT_BPF_COMPILE([-mcpu=v1], [@%:@include <linux/types.h>
@%:@include <linux/bpf.h>],
  [AC_MSG_RESULT([yes])],
  [AC_MSG_RESULT([no])
   TCPT_MISSING([linux/bpf.h], [linux-libc-dev], [BPF_CFLAGS])])

AC_MSG_CHECKING([for libbpf's headers for BPF])
TCPT_BPF_COMPILE([-mcpu=v1 -D__TARGET_ARCH_$BPF_ARCH], [@%:@include <linux/types.h>
@%:@include <linux/bpf.h>
@%:@include <bpf/bpf_helpers.h>
@%:@include <bpf/bpf_core_read.h>
@%:@include <bpf/bpf_tracing.h>],
  [AC_MSG_RESULT([yes])],
  [AC_MSG_RESULT([no])
   TCPT_MISSING([bpf/bpf_helpers.h], [libbpf-dev], [BPF_CFLAGS])])])

# TCPT_PROG_LLVM(VARIABLE, PROGRAM, WHAT-IT-DOES, FLAG)
# ----------------------------------------------------
# Looked for under the version suffix of clang first, and tried with FLAG.
AC_DEFUN([TCPT_PROG_LLVM],
[AC_REQUIRE([TCPT_PROG_CLANG])
AC_ARG_VAR([$1], [$2, which $3])
tcpt_suffixed=`AS_ECHO(["$CLANG"]) | sed -n 's/.*clang-\([[0-9]]*\)$/$2-\1/p'`
AC_CHECK_PROGS([$1], [$tcpt_suffixed $2 m4_foreach_w([v], [22 21 20 19 18 17 16 15 14 13 12], [$2-v ])])
AS_IF([test -z "$$1"],
  [TCPT_MISSING([$2], [llvm], [$1])])

AC_MSG_CHECKING([whether $$1 reads BPF objects])
AS_IF([AC_RUN_LOG([$$1 $4 conftest.bpf.o >&AS_MESSAGE_LOG_FD])],
  [AC_MSG_RESULT([yes])],
  [AC_MSG_RESULT([no])
   TCPT_MISSING([$2 for BPF objects], [llvm], [$1])])])
