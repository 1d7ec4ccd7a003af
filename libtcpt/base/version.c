// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The version of the library. */
#include "internal.h"

TCPT_API const char *tcpt_version(void)
{
	return PACKAGE_VERSION;
}
