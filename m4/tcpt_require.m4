dnl SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

m4_ifndef([PKG_PROG_PKG_CONFIG],
  [m4_fatal([pkg.m4 is missing: install the package pkg-config])])

# TCPT_MISSING(WHAT, PACKAGE, [VARIABLE])
# ---------------------------------------
# Give up, naming what is missing and the cure.
AC_DEFUN([TCPT_MISSING],
[AC_MSG_ERROR([$1 is missing: install the package $2[]m4_ifval([$3], [ (or set $3)])])])

# TCPT_PROG_PKG_CONFIG
# --------------------
AC_DEFUN([TCPT_PROG_PKG_CONFIG],
[PKG_PROG_PKG_CONFIG
AS_IF([test -z "$PKG_CONFIG"],
  [TCPT_MISSING([pkg-config], [pkg-config], [PKG_CONFIG])])])

# TCPT_CHECK_LIBRARY(PREFIX, MODULE, PACKAGE)
# -------------------------------------------
AC_DEFUN([TCPT_CHECK_LIBRARY],
[AS_IF([test "$enable_static_tools" = yes],
  [PKG_CHECK_MODULES_STATIC([$1], [$2], [],
    [TCPT_MISSING([$2], [$3], [$1_CFLAGS and $1_LIBS])])],
  [PKG_CHECK_MODULES([$1], [$2], [],
    [TCPT_MISSING([$2], [$3], [$1_CFLAGS and $1_LIBS])])])])

# TCPT_CHECK_SHUNIT2
# ------------------
# Only the tests need shunit2: its absence is a warning.
AC_DEFUN([TCPT_CHECK_SHUNIT2],
[AC_CHECK_PROG([have_shunit2], [shunit2], [yes], [no])
AS_IF([test "$have_shunit2" = no],
  [AC_MSG_WARN([shunit2 is missing: make check will fail; install the package shunit2])])])
