# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Compares a workload's own record with the events of an attach mode:
#   awk -v mode=MODE -v bytes=0|1 -v blind=0|1 -f workloads.awk RECORD EVENTS
# Prints the lines that only the record has after "<", those that only the
# trace has after ">", and last a verdict: exact, documented (exactly what the
# manual says that this mode knows), or FAIL.
#
# The record: type pid comm saddr sport daddr dport netns how bytes opener modes known
# The events: the columns of tsv, tcpt-watch(8).

BEGIN { FS = OFS = "\t"; verdict = "exact" }

function in_mode(modes) {
	return modes == "*" || modes == mode || (modes ~ /^!/ && modes != "!" mode)
}

function differs(sign, line, count) {
	if (count > 0) {
		print sign " " line (count > 1 ? " (" count " times)" : "")
		verdict = "FAIL"
	}
}

function without_comm(line, part) {
	split(line, part, FS)
	return substr(line, 1, length(part[1] FS part[2] FS)) substr(line, length(part[1] FS part[2] FS part[3] FS) + 1)
}

# An event that a later hook has reported carries the name that the thread had by then.
function forgive_name(line, other) {
	for (other in surplus)
		while (late[line] > 0 && surplus[line] < 0 && surplus[other] > 0 &&
		       without_comm(other) == without_comm(line)) {
			late[line]--
			surplus[line]++
			surplus[other]--
			verdict = "documented"
		}
}

# Type and task cut off, and what an end may say.
function ends(line, part) {
	split(line, part, FS)
	return part[4] FS part[5] FS part[6] FS part[7] FS part[8]
}

# A blind trace shows the beginning and the end of a connection that nobody accepts.
function forgive_unaccepted(line, other) {
	if (line !~ /^accept\t-\t-\t/)
		return
	for (other in surplus)
		if (surplus[line] < 0 && surplus[other] < 0 && other ~ /^close\t-\t-\t/ &&
		    ends(other) == ends(line)) {
			surplus[line]++
			surplus[other]++
			verdict = "documented"
		}
}

FNR == NR && /^# netns / {
	n = split($0, part, " ")
	for (i = 3; i <= n; i++)
		own[part[i]] = 1
	next
}

FNR == NR && /^# may-miss / {
	split($0, part, " ")
	for (i = 3; i in part; i++)
		may_miss = may_miss || in_mode(part[i])
	if (may_miss)
		verdict = "documented"
	next
}

# What the record does not know is not compared, so it is noted for which socket.
FNR == NR {
	if ($12 == "none")
		verdict = "documented"
	if (!in_mode($12))
		next
	if ($13 != "-")
		verdict = "documented"
	key = $1 FS $4 FS $5 FS $6 FS $7 FS $8
	unknown_how[key] = $1 == "close" && $9 == "-"
	unknown_bytes[key] = $10 == "-" || !bytes
	if (unknown_bytes[key])
		$10 = "-"
	is_late[key] = $13 == "late"
	# A blind trace does not know who has accepted a connection, and so not who opened it;
	# nor whether the error of a connect that was given up was asked for before.
	if (blind && ($1 == "accept" || $13 == "late"))
		$2 = $3 = "-"
	if (blind && $1 == "close")
		$11 = "-"
	if (blind && $9 == "ECANCELED")
		$9 = "-"
	line = $1 OFS $2 OFS $3 OFS $4 OFS $5 OFS $6 OFS $7 OFS $8 OFS $9 OFS $10 OFS $11
	surplus[line (is_late[key] ? OFS "late" : "")]++
	next
}

$16 in own {
	key = $5 FS $12 FS $13 FS $14 FS $15 FS $16
	how = $5 == "close" ? $27 : $28
	if (unknown_how[key])
		how = "-"
	carried = $5 == "close" && !unknown_bytes[key] ? $23 "/" $24 : "-"
	if (blind && $5 == "close")
		$18 = "-"
	if (blind && is_late[key])
		$7 = $10 = "-"
	line = $5 OFS $7 OFS $10 OFS $12 OFS $13 OFS $14 OFS $15 OFS $16 OFS how OFS carried OFS $18
	line = line (is_late[key] && $19 ? OFS "late" : "")
	surplus[line]--
	late[line] += $19
}

END {
	for (line in late)
		forgive_name(line)
	if (blind)
		for (line in surplus)
			forgive_unaccepted(line)
	for (line in surplus) {
		if (!may_miss)
			differs("<", line, surplus[line])
		differs(">", line, -surplus[line])
	}
	print verdict
}
