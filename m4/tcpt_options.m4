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

# TCPT_ENABLE_KERNEL_TESTS
# ------------------------
AC_DEFUN([TCPT_ENABLE_KERNEL_TESTS],
[AC_ARG_ENABLE([kernel-tests],
  [AS_HELP_STRING([--disable-kernel-tests],
    [leave the tests that need root and a BPF kernel out of make check])],
  [], [enable_kernel_tests=yes])
AM_CONDITIONAL([KERNEL_TESTS], [test "$enable_kernel_tests" = yes])])
