dnl SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

# TCPT_TRY_CFLAG(FLAG, [IF-OK], [IF-NOT])
# ---------------------------------------
# -Werror, because clang only warns about warnings that it does not know.
m4_define([TCPT_TRY_CFLAG],
[AS_VAR_PUSHDEF([tcpt_cached], [tcpt_cv_cflag_$1])dnl
AC_CACHE_CHECK([whether $CC understands $1], [tcpt_cached],
  [tcpt_saved_cflags=$CFLAGS
   CFLAGS="$CFLAGS -Werror $1"
   AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
     [AS_VAR_SET([tcpt_cached], [yes])], [AS_VAR_SET([tcpt_cached], [no])])
   CFLAGS=$tcpt_saved_cflags])
AS_VAR_IF([tcpt_cached], [yes], [$2], [$3])
AS_VAR_POPDEF([tcpt_cached])])

# TCPT_WARNINGS
# -------------
# Sets WARN_CFLAGS for the host compiler and BPF_WARN_CFLAGS for clang's bpf.
# Not what a compiler cannot judge: formats handed on with a va_list, lengths
# that were checked elsewhere.
AC_DEFUN([TCPT_WARNINGS],
[AC_REQUIRE([TCPT_ENABLE_WERROR])
WARN_CFLAGS=
m4_foreach_w([flag], [
    -Wall -Wextra -Wno-unused-parameter -Wshadow -Wundef -Wvla
    -Wstrict-prototypes -Wmissing-prototypes -Wmissing-declarations
    -Wold-style-definition -Wpointer-arith -Wwrite-strings -Wformat=2 -Wno-format-nonliteral -Wno-format-truncation
    -Wimplicit-fallthrough -Wdate-time -Wlogical-op -Wduplicated-cond],
  [TCPT_TRY_CFLAG(flag, [WARN_CFLAGS="$WARN_CFLAGS flag"])])
BPF_WARN_CFLAGS="-Wall -Wextra -Wno-unused-parameter"
AS_IF([test "$enable_werror" = yes],
  [WARN_CFLAGS="$WARN_CFLAGS -Werror"
   BPF_WARN_CFLAGS="$BPF_WARN_CFLAGS -Werror"])
AC_SUBST([WARN_CFLAGS])
AC_SUBST([BPF_WARN_CFLAGS])])

# TCPT_ENABLE_WERROR
# ------------------
AC_DEFUN([TCPT_ENABLE_WERROR],
[AC_ARG_ENABLE([werror],
  [AS_HELP_STRING([--enable-werror], [make compiler warnings errors])],
  [], [enable_werror=no])])

# TCPT_ENABLE_ASAN, TCPT_ENABLE_UBSAN, TCPT_ENABLE_FUZZ
# -----------------------------------------------------
AC_DEFUN([TCPT_ENABLE_ASAN],
[AC_ARG_ENABLE([asan],
  [AS_HELP_STRING([--enable-asan], [build with the address sanitizer])],
  [], [enable_asan=no])])

AC_DEFUN([TCPT_ENABLE_UBSAN],
[AC_ARG_ENABLE([ubsan],
  [AS_HELP_STRING([--enable-ubsan], [build with the undefined behaviour sanitizer])],
  [], [enable_ubsan=no])])

AC_DEFUN([TCPT_ENABLE_FUZZ],
[AC_ARG_ENABLE([fuzz],
  [AS_HELP_STRING([--enable-fuzz], [build the fuzz targets (needs CC=clang)])],
  [], [enable_fuzz=no])
AM_CONDITIONAL([ENABLE_FUZZ], [test "$enable_fuzz" = yes])])

# TCPT_INSTRUMENTATION
# --------------------
# Sets INSTR_CFLAGS for compiling and linking, FUZZ_LDFLAGS for linking a fuzz
# target, and NO_UNDEFINED for shared libraries: clang leaves the sanitizers'
# symbols to be found in the program, so an instrumented library has some.
AC_DEFUN([TCPT_INSTRUMENTATION],
[INSTR_CFLAGS=
FUZZ_LDFLAGS=
NO_UNDEFINED=-Wl,--no-undefined
AS_IF([test "$enable_asan" = yes],
  [TCPT_TRY_CFLAG([-fsanitize=address],
    [INSTR_CFLAGS="$INSTR_CFLAGS -fsanitize=address"],
    [TCPT_MISSING([the address sanitizer of $CC], [gcc or libclang-rt-dev], [CC])])])
AS_IF([test "$enable_ubsan" = yes],
  [TCPT_TRY_CFLAG([-fsanitize=undefined],
    [INSTR_CFLAGS="$INSTR_CFLAGS -fsanitize=undefined -fno-sanitize-recover=undefined"],
    [TCPT_MISSING([the undefined behaviour sanitizer of $CC], [gcc or libclang-rt-dev], [CC])])])
AS_IF([test "$enable_fuzz" = yes],
  [TCPT_TRY_CFLAG([-fsanitize=fuzzer-no-link],
    [INSTR_CFLAGS="$INSTR_CFLAGS -fsanitize=fuzzer-no-link"
     FUZZ_LDFLAGS=-fsanitize=fuzzer],
    [TCPT_MISSING([clang with libFuzzer], [libclang-rt-dev], [CC=clang])])])
AS_IF([test -n "$INSTR_CFLAGS"],
  [INSTR_CFLAGS="$INSTR_CFLAGS -fno-omit-frame-pointer"
   NO_UNDEFINED=])
AC_SUBST([INSTR_CFLAGS])
AC_SUBST([FUZZ_LDFLAGS])
AC_SUBST([NO_UNDEFINED])])

# TCPT_ENABLE_STATIC_TOOLS
# ------------------------
# One program that is all of them and needs no library where it runs. The library is not
# built then. pkg-config is asked for what archives need besides.
AC_DEFUN([TCPT_ENABLE_STATIC_TOOLS],
[AC_ARG_ENABLE([static-tools],
  [AS_HELP_STRING([--enable-static-tools],
    [build one static program, tcpt, that is all programs by links, and no library])],
  [], [enable_static_tools=no])
AM_CONDITIONAL([STATIC_TOOLS], [test "$enable_static_tools" = yes])
STATIC_LDFLAGS=
static_note="eleven, and a shared library"
AS_IF([test "$enable_static_tools" = yes],
  [STATIC_LDFLAGS=-all-static
   static_note="one, static"
   AC_DEFINE([STATIC_TOOLS], [1], [Define to 1 if one static program is all of them.])])
AC_SUBST([STATIC_LDFLAGS])
AC_SUBST([ac_configure_args])])

# TCPT_CHECK_STATIC
# -----------------
# Are the archives there?
AC_DEFUN([TCPT_CHECK_STATIC],
[AC_REQUIRE([TCPT_ENABLE_STATIC_TOOLS])
AS_IF([test "$enable_static_tools" = yes],
  [AS_IF([test -n "$INSTR_CFLAGS"],
    [AC_MSG_ERROR([a static program cannot be instrumented])])
  AC_MSG_CHECKING([whether $CC links with libbpf, libelf and zlib statically])
  tcpt_saved_cflags=$CFLAGS
  tcpt_saved_libs=$LIBS
  CFLAGS="$CFLAGS $LIBBPF_CFLAGS -static"
  LIBS="$LIBBPF_LIBS $LIBELF_LIBS $ZLIB_LIBS $LIBS"
  AC_LINK_IFELSE([AC_LANG_PROGRAM([@%:@include <bpf/libbpf.h>],
      [return !bpf_object__open_file("", 0);])],
    [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no])
     AC_MSG_ERROR([a static program cannot be linked: it needs the archives of libbpf-dev,
libelf-dev, zlib1g-dev and libzstd-dev; the libelf.a of Debian 13 lacks functions that it calls, so build it on Debian 12])])
  CFLAGS=$tcpt_saved_cflags
  LIBS=$tcpt_saved_libs])])
