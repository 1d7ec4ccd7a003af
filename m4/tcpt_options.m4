dnl SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

# TCPT_WITH_BASH_COMPLETION
# -------------------------
# Below our own prefix unless told otherwise, so that an install as a user and
# distcheck stay inside it.
AC_DEFUN([TCPT_WITH_BASH_COMPLETION],
[AC_ARG_WITH([bashcompletiondir],
  [AS_HELP_STRING([--with-bashcompletiondir=DIR],
    [install the bash completion in DIR; no for not at all
     @<:@DATADIR/bash-completion/completions@:>@])],
  [], [with_bashcompletiondir=yes])
AS_IF([test "$with_bashcompletiondir" = yes],
  [with_bashcompletiondir='${datadir}/bash-completion/completions'])
AC_SUBST([bashcompletiondir], [$with_bashcompletiondir])
AM_CONDITIONAL([WITH_BASH_COMPLETION], [test "$with_bashcompletiondir" != no])])

# TCPT_WITH_SYSTEMD
# -----------------
# Where systemd itself says that units go, if there is a systemd.
AC_DEFUN([TCPT_WITH_SYSTEMD],
[AC_REQUIRE([TCPT_PROG_PKG_CONFIG])
AC_ARG_WITH([systemdsystemunitdir],
  [AS_HELP_STRING([--with-systemdsystemunitdir=DIR],
    [install the units for systemd in DIR; no for not at all @<:@asks pkg-config@:>@])],
  [], [with_systemdsystemunitdir=yes])
AS_IF([test "$with_systemdsystemunitdir" = yes],
  [with_systemdsystemunitdir=`$PKG_CONFIG --variable=systemdsystemunitdir systemd 2>/dev/null`
  test -n "$with_systemdsystemunitdir" || with_systemdsystemunitdir=no])
AC_SUBST([systemdsystemunitdir], [$with_systemdsystemunitdir])
AM_CONDITIONAL([WITH_SYSTEMD], [test "$with_systemdsystemunitdir" != no])])

# TCPT_ENABLE_KERNEL_TESTS
# ------------------------
AC_DEFUN([TCPT_ENABLE_KERNEL_TESTS],
[AC_ARG_ENABLE([kernel-tests],
  [AS_HELP_STRING([--disable-kernel-tests],
    [leave the tests that need root and a BPF kernel out of make check])],
  [], [enable_kernel_tests=yes])
AM_CONDITIONAL([KERNEL_TESTS], [test "$enable_kernel_tests" = yes])])

# TCPT_CHECK_I386
# ---------------
# Can the compiler make a program of 32-bit system calls, without a C library?
AC_DEFUN([TCPT_CHECK_I386],
[AC_SUBST([I386_FLAGS],
  ["-m32 -static -nostdlib -ffreestanding -fno-stack-protector -fno-pie -no-pie -U_FORTIFY_SOURCE"])
AC_CACHE_CHECK([whether $CC makes 32-bit x86 programs], [tcpt_cv_can_i386],
  [tcpt_cv_can_i386=no
  AS_CASE([$host_cpu], [x86_64],
    [tcpt_save_CFLAGS=$CFLAGS
    CFLAGS=$I386_FLAGS
    AC_LINK_IFELSE([AC_LANG_SOURCE([void _start(void) { for (;;) ; }])],
      [tcpt_cv_can_i386=yes])
    CFLAGS=$tcpt_save_CFLAGS])])
AM_CONDITIONAL([CAN_BUILD_I386], [test "$tcpt_cv_can_i386" = yes])])
