// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The description of a trace, for those who look at it or use it: it is trusted, and its
 * layout is checked.
 */
#include "base/advice.h"
#include "base/caps.h"
#include "internal.h"
#include "pins/bpffs.h"
#include "pins/group.h"
#include "pins/meta-open.h"
#include "pins/meta.h"
#include "pins/pin-shapes.h"
#include "pins/trust.h"
#include "tcpt_abi.h"

/* EPERM: the kernel wants CAP_BPF for all calls. EACCES: the pins are not for the caller. */
int meta_open_explain(int err, const char *dir, const struct tcpt_log *log)
{
	const char *lacking = err == -EPERM ? caps_for_maps() : NULL;

	if (err == -EBADMSG)
		return log_error(
			log, -EINVAL,
			"the description of the trace at %s is damaged; run tcpt-unload%s, then "
			"load it anew",
			dir, advice_pin(dir).text);
	if (err == -EPROTO && pin_shapes_explain(dir, log))
		return err;
	if (err == -EPROTO)
		return log_error(log, err,
				 "the maps of the trace at %s do not fit together; run "
				 "tcpt-unload%s, then load it anew",
				 dir, advice_pin(dir).text);
	if (lacking)
		return log_error(log, err,
				 "cannot open the trace at %s: %s; run as root or with %s", dir,
				 strerror(-err), lacking);
	if (err == -EACCES)
		return group_explain_denial(dir, log);
	return log_error(log, err, "cannot open the trace at %s: %s", dir, strerror(-err));
}

static int explain_layout(const char *dir, const struct tcpt_abi_meta *meta,
			  const struct tcpt_log *log)
{
	if (!meta->magic)
		return log_error(log, -EPROTO,
				 "what is pinned at %s was not made by tcpt; choose "
				 "another --pin",
				 dir);
	return log_error(
		log, -EPROTO,
		"the trace at %s was loaded by tcpt %.15s, with layout %u; this is tcpt %s, with "
		"layout %u; run tcpt-unload%s, then load it anew",
		dir, meta->version, meta->abi, PACKAGE_VERSION, TCPT_ABI_VERSION,
		advice_pin(dir).text);
}

/* Another layout may have maps of other shapes, so the message names the layout first. */
static int explain_proto(const char *dir, const struct tcpt_abi_meta *meta,
			 const struct tcpt_log *log)
{
	int err = meta->magic && meta->abi != TCPT_ABI_VERSION ? 0 : pin_shapes_explain(dir, log);

	return err ? err : explain_layout(dir, meta, log);
}

int meta_open(const char *dir, struct tcpt_abi_meta *meta, const struct tcpt_log *log)
{
	int err = trust_trace(dir, log);

	memset(meta, 0, sizeof(*meta));
	if (err)
		return err;
	err = pin_check(dir);
	if (err == -ENOENT)
		return bpffs_explain_none(dir, log);
	if (err == -EPERM)
		err = -EACCES;
	if (!err)
		err = meta_read(pin_join(dir, "maps", "meta").text, meta);
	if (err == -EPROTO)
		return explain_proto(dir, meta, log);
	return err ? meta_open_explain(err, dir, log) : 0;
}
