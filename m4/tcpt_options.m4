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

# TCPT_STATE_DIR
# --------------
# The offsets that a program keeps are where the units for systemd keep them (%S, which
# is /var/lib), whatever the prefix is, unless told otherwise. Nothing is installed there.
AC_DEFUN([TCPT_STATE_DIR],
[AS_IF([test "$localstatedir" = '${prefix}/var'], [localstatedir=/var])])

# TCPT_EXPAND(VARIABLE, DIR)
# --------------------------
# Sets VARIABLE to DIR with its variables expanded, as make will.
AC_DEFUN([TCPT_EXPAND],
[tcpt_saved_prefix=$prefix
tcpt_saved_exec_prefix=$exec_prefix
test "$prefix" != NONE || prefix=$ac_default_prefix
test "$exec_prefix" != NONE || exec_prefix=$prefix
eval "tcpt_once=\"$2\""
eval "$1=\"$tcpt_once\""
prefix=$tcpt_saved_prefix
exec_prefix=$tcpt_saved_exec_prefix])

# TCPT_ENABLE_RPATH
# -----------------
# Sets RPATH_LDFLAGS for the programs. libtool leaves out what ld.so.conf lists,
# such as /usr/local/lib, where nothing is found until somebody runs ldconfig.
# Left out here is only where the dynamic linker looks by itself.
AC_DEFUN([TCPT_ENABLE_RPATH],
[AC_ARG_ENABLE([rpath],
  [AS_HELP_STRING([--disable-rpath],
    [do not tell the programs where the library is; by default they know unless
     it is in a folder of the system])],
  [], [enable_rpath=auto])
TCPT_EXPAND([tcpt_libdir], [$libdir])
AS_IF([test "$enable_rpath" = auto],
  [tcpt_multiarch=`$CC -print-multiarch 2>/dev/null`
  AS_CASE([$tcpt_libdir],
    [/lib | /usr/lib | /lib64 | /usr/lib64], [enable_rpath=no],
    ["/lib/$tcpt_multiarch" | "/usr/lib/$tcpt_multiarch"], [enable_rpath=no],
    [enable_rpath=yes])])
AS_CASE([$tcpt_libdir], [*[[[:space:]]]*],
  [AC_MSG_ERROR([cannot install into '$tcpt_libdir': libtool cannot link for a path with a blank])])
RPATH_LDFLAGS=
AS_IF([test "$enable_rpath" = yes], [RPATH_LDFLAGS='-R $(libdir)'])
AC_SUBST([RPATH_LDFLAGS])])

# TCPT_FIND_SYSTEMD
# -----------------
# Sets tcpt_system_units to where the system keeps its units, or to nothing. The
# package with systemd.pc (systemd-dev of Debian 13) need not be there.
AC_DEFUN([TCPT_FIND_SYSTEMD],
[AC_REQUIRE([TCPT_PROG_PKG_CONFIG])
tcpt_system_units=`$PKG_CONFIG --variable=systemdsystemunitdir systemd 2>/dev/null`
for tcpt_dir in /usr/lib/systemd /lib/systemd; do
  AS_IF([test -z "$tcpt_system_units" && test -x $tcpt_dir/systemd],
    [tcpt_system_units=$tcpt_dir/system])
done])

# TCPT_WITH_SYSTEMD
# -----------------
# Below our own prefix, so that an install as a user and distcheck stay inside
# it, but for the prefix /usr, where the system says. systemd reads the units of
# /usr/local/lib too.
AC_DEFUN([TCPT_WITH_SYSTEMD],
[AC_REQUIRE([TCPT_FIND_SYSTEMD])
AC_ARG_WITH([systemdsystemunitdir],
  [AS_HELP_STRING([--with-systemdsystemunitdir=DIR],
    [install the units for systemd in DIR; no for not at all, yes for the default
     also where there is no systemd @<:@PREFIX/lib/systemd/system; with the prefix /usr
     where pkg-config says@:>@])],
  [], [AS_IF([test -n "$tcpt_system_units"],
    [with_systemdsystemunitdir=yes], [with_systemdsystemunitdir=no])])
TCPT_EXPAND([tcpt_prefix], [$prefix])
AS_CASE([$with_systemdsystemunitdir,$tcpt_prefix],
  [no,*], [systemd_note="not installed: no systemd is here, or as asked"],
  [yes,/usr], [with_systemdsystemunitdir=${tcpt_system_units:-/usr/lib/systemd/system}
    systemd_note="$with_systemdsystemunitdir"],
  [yes,/usr/local], [with_systemdsystemunitdir='${prefix}/lib/systemd/system'
    systemd_note="$tcpt_prefix/lib/systemd/system"],
  [yes,*], [with_systemdsystemunitdir='${prefix}/lib/systemd/system'
    systemd_note="$tcpt_prefix/lib/systemd/system, where systemd does not look:
                    enable them by their paths, or --with-systemdsystemunitdir=DIR"],
  [systemd_note="$with_systemdsystemunitdir"])
AC_SUBST([systemdsystemunitdir], [$with_systemdsystemunitdir])
AM_CONDITIONAL([WITH_SYSTEMD], [test "$with_systemdsystemunitdir" != no])])

# TCPT_WITH_LOGROTATE
# -------------------
# For the log of a unit. Below our own prefix too, but for /usr, where logrotate looks.
AC_DEFUN([TCPT_WITH_LOGROTATE],
[AC_REQUIRE([TCPT_WITH_SYSTEMD])
AC_ARG_WITH([logrotatedir],
  [AS_HELP_STRING([--with-logrotatedir=DIR],
    [install the file for logrotate, which belongs to the units, in DIR
     @<:@SYSCONFDIR/logrotate.d; with the prefix /usr /etc/logrotate.d@:>@])],
  [], [with_logrotatedir='${sysconfdir}/logrotate.d'])
AS_IF([test "$tcpt_prefix,$sysconfdir,$with_logrotatedir" = \
    '/usr,${prefix}/etc,${sysconfdir}/logrotate.d'],
  [with_logrotatedir=/etc/logrotate.d])
AC_SUBST([logrotatedir], [$with_logrotatedir])
TCPT_EXPAND([logrotate_note], [$logrotatedir])
AS_IF([test "$with_systemdsystemunitdir" = no], [logrotate_note="not installed: no units are"],
  [test "$logrotate_note" != /etc/logrotate.d],
  [logrotate_note="$logrotate_note; link it into /etc/logrotate.d"])])

# TCPT_WITH_LIBSMARTCOLS
# ----------------------
# It draws the programs' tables where it is there; without it they do so themselves.
AC_DEFUN([TCPT_WITH_LIBSMARTCOLS],
[AC_REQUIRE([TCPT_PROG_PKG_CONFIG])
AC_ARG_WITH([libsmartcols],
  [AS_HELP_STRING([--without-libsmartcols],
    [draw tables without libsmartcols; by default it is used if pkg-config finds it])],
  [], [with_libsmartcols=check])
AS_IF([test "$enable_static_tools,$with_libsmartcols" = yes,check], [with_libsmartcols=no])
AS_IF([test "$with_libsmartcols" != no],
  [PKG_CHECK_MODULES([SMARTCOLS], [smartcols >= 2.31],
    [with_libsmartcols=yes
    AC_DEFINE([HAVE_SMARTCOLS], [1], [Define to 1 if libsmartcols draws tables.])],
    [AS_IF([test "$with_libsmartcols" = yes],
      [TCPT_MISSING([smartcols >= 2.31], [libsmartcols-dev], [SMARTCOLS_CFLAGS and SMARTCOLS_LIBS])])
    with_libsmartcols=no])])
AM_CONDITIONAL([WITH_SMARTCOLS], [test "$with_libsmartcols" = yes])])

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
