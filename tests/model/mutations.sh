#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The model finds faults: those below are put into a copy of the programs, and each one
# alone is found, in the mode that is named. MUTATED(N) is true for number N.

# shunit2 calls the functions.
# shellcheck disable=SC2317

srcdir=${abs_srcdir:-.}
objects=${abs_builddir:-.}/tests/model

command -v shunit2 >/dev/null || { echo "SKIP: shunit2 is not installed"; exit 77; }
[ -x "$objects/model" ] || { echo "FAIL: $objects/model is not built"; exit 1; }

# mode, and perhaps the scenario that shows it and the deviations that it takes (2); file;
# what is changed, and into what: a sed command, with N for the number.
mutations() {
	cat <<'END'
kprobe|close.h|s/state != TCPT_CLOSE && !conn->ended/state != TCPT_CLOSE \&\& (MUTATED(N) || !conn->ended)/
kprobe|close.h|/^static .* closing_conn(/,/^}/s/note_closer(conn, 1);/if (!MUTATED(N)) note_closer(conn, 1);/
fentry|close.h|/^static .* closing_known(/,/^}/s/if (!conn || conn->closing)/if (MUTATED(N) || !conn || conn->closing)/
kprobe|close.h|/^static .* destroyed(/,/^}/s/failed(sk, 0, TCPT_ABI_LATE);/if (!MUTATED(N)) failed(sk, 0, TCPT_ABI_LATE);/
kprobe|close.h|/^static .* ended(/,/^}/s/opened_unseen(sk);/if (!MUTATED(N)) opened_unseen(sk);/
kprobe|close.h|/^static .* ended(/,/^}/s/is_orphan(sk) && read_error(sk)/!MUTATED(N) \&\& &/
kprobe|close.h|/^static .* ended(/,/^}/s/conn->reported && is_disconnect(sk, old)/!MUTATED(N) \&\& &/
kprobe|close.h|/^static .* ended(/,/^}/s/if (is_orphan(sk) ||/if ((!MUTATED(N) \&\& is_orphan(sk)) ||/
kprobe|close.h|/^static .* finishing(/,/^}/s/conn->reason = first_to_close(old);/if (!MUTATED(N)) &/
kprobe|close.h|/^static .* closed_at_last(/,/^}/s/if (!conn->reported) {/if (!MUTATED(N) \&\& !conn->reported) {/
kprobe|close.h|/^static .* finishing(/,/^}/s/flags = TCPT_ABI_LATE;/flags = MUTATED(N) ? 0 : TCPT_ABI_LATE;/
kprobe|connect.h|/^static .* failed(/,/^}/s/event = tuple.sport ?/event = MUTATED(N) || tuple.sport ?/
kprobe|connect.h|/^static .* failed(/,/^}/s/lost(TCPT_ABI_FAIL, flags);/{ if (!MUTATED(N)) & }/
kprobe|connect.h|/^static .* connecting(/,/^}/s/failed(sk, 1, TCPT_ABI_LATE);/{ if (!MUTATED(N)) failed(sk, 1, TCPT_ABI_LATE); }/
kprobe|connect.h|/^static .* connecting(/,/^}/s/if (stale)/if (!MUTATED(N) \&\& stale)/
kprobe|connect.h|/^static .* attempting(/,/^}/s/copy(&connect->tuple, &tuple);/{ if (!MUTATED(N)) & }/
kprobe|connect.h|/^static .* opened(/,/^}/s/remember(sk, conn);/if (!MUTATED(N)) remember(sk, conn);/
kprobe|connect.h|/^static .* take_pending(/,/^}/s/return !bpf_map_delete_elem(&pending, &key);/return MUTATED(N) || !bpf_map_delete_elem(\&pending, \&key);/
kprobe|connect.h|/^static .* established(/,/^}/s/if (old != TCPT_SYN_SENT) {/if (!MUTATED(N) \&\& old != TCPT_SYN_SENT) {/
kprobe|refusal.h|/^static .* refused(/,/^}/s/if (connect && error)/if (!MUTATED(N) \&\& connect \&\& error)/
kprobe|refusal.h|/^static .* error_of(/,/^}/s/if (!error)/if (!MUTATED(N) \&\& !error)/
kprobe|refusal.h|/^static .* error_of(/,/^}/s/? ECANCELED : 0/? MUTATED(N) ? 0 : ECANCELED : 0/
kprobe-return|conn.h|s/bpf_map_update_elem(&conns, &key, conn, BPF_NOEXIST)/bpf_map_update_elem(\&conns, \&key, conn, MUTATED(N) ? BPF_ANY : BPF_NOEXIST)/
kprobe|conn.h|s/count(conns_full);/{ if (!MUTATED(N)) count(conns_full); }/
kprobe|conn.h|s/if (num == 0 && /if (!MUTATED(N) \&\& num == 0 \&\& /
kprobe|change.h|s/count(fails_lost);/{ if (!MUTATED(N)) count(fails_lost); }/
kprobe|conn.h|s/if (!own || !own->pending_full)/if (MUTATED(N) || !own || !own->pending_full)/
kprobe/mode/3|mark.h|s/if (!is_shared())/if (MUTATED(N) || !is_shared())/
kprobe|mark.h|s/return own && own->last_sk/return MUTATED(N) || own \&\& own->last_sk/
kprobe|outcome.h|s/return state == TCPT_FIN_WAIT2 ||/return (!MUTATED(N) \&\& state == TCPT_FIN_WAIT2) ||/
kprobe|outcome.h|s/return state == TCPT_CLOSE_WAIT || state == TCPT_LAST_ACK || state == TCPT_CLOSING/return (!MUTATED(N) \&\& state == TCPT_CLOSE_WAIT) || state == TCPT_LAST_ACK || state == TCPT_CLOSING/
kprobe|outcome.h|s/+ (conn->role == TCPT_ABI_CLIENT)/+ (!MUTATED(N) \&\& conn->role == TCPT_ABI_CLIENT)/
kprobe|outcome.h|/^static .* note_end(/,/^}/s/conn->reason = reason_to_end/if (MUTATED(N)) conn->ended = state;\n	conn->reason = reason_to_end/
tracepoint|outcome.h|s/if (!conn->closer.pid)/if (!MUTATED(N) \&\& !conn->closer.pid)/
kprobe|accept.h|/^static .* accepted(/,/^}/s/if (!conn->reported)/if (!MUTATED(N) \&\& !conn->reported)/
kprobe|accept.h|s/copy(&conn->opener, &by);/if (!MUTATED(N)) &/
kprobe|emit.h|/^static .* emit(/,/^}/s/lost(type, flags);/if (!MUTATED(N)) &/
kprobe|emit.h|/^static .* submit(/,/^}/s/if (flags & TCPT_ABI_LATE)/if (!MUTATED(N) \&\& flags \& TCPT_ABI_LATE)/
kprobe|emit.h|/^static .* lost(/,/^}/s/count_event(/if (!MUTATED(N)) &/
kprobe|emit.h|/^static .* submit(/,/^}/s/count_event(/if (!MUTATED(N)) &/
kprobe|slots.h|/^static .* store_submit(/,/^}/s/mark_slot(/if (!MUTATED(N)) mark_slot(/
kprobe|slots.h|s/(position & (SLOTS - 1))/((position - MUTATED(N)) \& (SLOTS - 1))/
kprobe/recorder|slots.h|/^static .* mark_slot(/,/^}/s/as - TCPT_ABI_SLOT_BUSY);/MUTATED(N) ? 0 : &/
kprobe|outcome.h|s/carried(&close->figures);/if (!MUTATED(N)) &/
kprobe|totals.h|s/figures->bytes_received)/MUTATED(N) ? figures->bytes_sent : &/
tracepoint|tracepoint.h|s/is_shut(sk) && !is_in_shutdown()/is_shut(sk) \&\& (MUTATED(N) || !is_in_shutdown())/
tracepoint|tracepoint.h|s/if (is_change_by_close(sk, old, state))/if (!MUTATED(N) \&\& is_change_by_close(sk, old, state))/
tracepoint|tracepoint.h|/^static .* note_ends(/,/^}/s/connect->tuple.family = 0;/if (!MUTATED(N)) &/
tracepoint|connect.h|/^static .* ends_of_failed(/,/^}/s/if (tuple->dport || /if (MUTATED(N) || tuple->dport || /
kprobe/older-closed|existing.h|/^static .* adopt(/,/^}/s/if (bpf_map_delete_elem(&existing, &cookie))/if (bpf_map_delete_elem(\&existing, \&cookie) \&\& !MUTATED(N))/
kprobe/older-closed|existing.h|s/if (!bpf_map_delete_elem(&unannounced, &cookie) && !is_known)/if ((MUTATED(N) || !bpf_map_delete_elem(\&unannounced, \&cookie)) \&\& !is_known)/
kprobe/older-closed|existing.h|s/TCPT_ABI_EXISTING, TCPT_ABI_LATE/TCPT_ABI_EXISTING, MUTATED(N) ? 0 : TCPT_ABI_LATE/
kprobe/older-closed|existing.h|/^static .* adopt(/,/^}/s/remember(sk, &conn);/if (!MUTATED(N)) remember(sk, \&conn);/
kprobe/older-closed|existing.h|/^static .* adopt(/,/^}/s/add(control, existing, -1);/if (!MUTATED(N)) &/
kprobe|existing.h|s/is_reported(known) || find_hidden/(!MUTATED(N) \&\& is_reported(known)) || find_hidden/
kprobe|existing.h|s/(is_taking && is_past(sk, 0))/(!MUTATED(N) \&\& is_taking \&\& is_past(sk, 0))/
kprobe/older-connecting|existing.h|s/(is_taking && is_past(sk, 1))/(!MUTATED(N) \&\& is_taking \&\& is_past(sk, 1))/
kprobe/older-connecting|existing.h|s/copy(&connect.opener, &entry->opener);/if (!MUTATED(N)) &/
kprobe/older-refused|existing.h|s/count(pending_full);/{ if (!MUTATED(N)) count(pending_full); }/
kprobe/older-closed|existing.h|/^static .* announced(/,/^}/s/if (!bpf_map_delete_elem(&unannounced, &cookie))/if (MUTATED(N) || !bpf_map_delete_elem(\&unannounced, \&cookie))/
kprobe|change.h|s/(!was_full && !is_taking_stock())/(!was_full \&\& (MUTATED(N) || !is_taking_stock()))/
kprobe|kprobe.h|/^int kp_close(/,/^}/s/adopt(sk);/if (!MUTATED(N)) adopt(sk);/
kprobe|close.h|/^static .*find_older(/,/^}/s/remember_new(sk, &conn);/(MUTATED(N) ? remember : remember_new)(sk, \&conn);/
kprobe|close.h|/^static .* destroyed(/,/^}/s/closed_at_last(sk/(MUTATED(N) ? closed : closed_at_last)(sk/
kprobe/replaced|connect.h|/^static .* is_handled_by_other(/,/^}/s/return is_shared()/return !MUTATED(N) \&\& is_shared()/
tracepoint/replaced-accept|tracepoint.h|s/!is_handled_by_other(sk, old, state))/(MUTATED(N) || &)/
kprobe-return/fd|fd.h|s/return !bpf_core_field_exists(task->files)/return MUTATED(N) || !bpf_core_field_exists(task->files)/
kprobe/fd-replaced|fd.h|s/return !is_reported;/return MUTATED(N) || !is_reported;/
kprobe/fd-replaced|fd.h|s/return is_in_turn();/return MUTATED(N) || is_in_turn();/
tracepoint/fd-replaced-dup2|fd.h|s/!(now & (TCPT_ABI_TURN_SHARED | OWN_TURN))/(!MUTATED(N) \&\& &)/
tracepoint/fd|fd.h|s/if (file && is_socket(file))/if (file \&\& (MUTATED(N) || is_socket(file)))/
tracepoint/fd|fd.h|/^static .* fd_expected(/,/^}/s/if (expected)/if (MUTATED(N) || expected)/
tracepoint/fd-replaced-dup2|fd.h|s/now & TCPT_ABI_TURN_SHARED ?/!MUTATED(N) \&\& (now \& TCPT_ABI_TURN_SHARED) ?/
kprobe/replaced|turn.h|s/return !!(turn() & OWN_TURN);/return MUTATED(N) || !!(turn() \& OWN_TURN);/
fentry|fentry.h|s/if (take_mark(sk, port, 0))/if (MUTATED(N) || take_mark(sk, port, 0))/
kprobe/filter-hides/4|connect.h|/^static .* connecting(/,/^}/s/unhide(sk);/if (!MUTATED(N)) unhide(sk);/
kprobe/filter-removed|connect.h|/^static .* connecting(/,/^}/s/if (hides_connecting(sk, &connect))/if (!MUTATED(N) \&\& hides_connecting(sk, \&connect))/
kprobe/filter-sport-removed|connect.h|/^static .* hide_pending(/,/^}/s/bpf_map_delete_elem(&pending, &key);/if (!MUTATED(N)) &/
kprobe/filter-sport|connect.h|s/~(SORTS << TCPT_ABI_FILTER_SPORT)/~(MUTATED(N) ? 0 : SORTS << TCPT_ABI_FILTER_SPORT)/
kprobe/filter-removed|connect.h|/^static .* connecting_unseen(/,/^}/s/if (find_hidden(owner))/if (!MUTATED(N) \&\& find_hidden(owner))/
kprobe/mptcp|connect.h|/^static .* connecting_unseen(/,/^}/s/connecting(owner, 0);/if (!MUTATED(N)) &/
kprobe/mptcp-refused|close.h|/^static .* is_before_open(/,/^}/s/state == TCPT_CLOSE;/(!MUTATED(N) \&\& state == TCPT_CLOSE);/
kprobe/mptcp-refused/3|kprobe.h|/^int kp_destroy(/,/^}/s/destroyed(/if (!MUTATED(N)) &/
kprobe/filter-removed-crossed|change.h|/^static .* crossed(/,/^}/s/copy(entry, &tuple);/if (!MUTATED(N)) &/
kprobe/filter-changed|connect.h|/^static .* opened(/,/^}/s/hide(sk, &conn->tuple);/if (!MUTATED(N)) &/
kprobe/filter-accept-removed-task|accept.h|/^static .* report_accept(/,/^}/s/hide(sk, &tuple);/if (!MUTATED(N)) &/
kprobe/filter-hides/3|close.h|/^static .* ended(/,/^}/s/unhide(sk);/if (!MUTATED(N)) &/
kprobe/filter-accept-reset|close.h|/^static .* destroyed(/,/^}/s/unhide(sk);/if (!MUTATED(N)) &/
kprobe/filter-added-refused|connect.h|/^static .* failed(/,/^}/s/ decide(&tuple, &connect->opener, TCPT_ABI_CLIENT) == TCPT_ABI_HIDDEN/ (!MUTATED(N) \&\& decide(\&tuple, \&connect->opener, TCPT_ABI_CLIENT) == TCPT_ABI_HIDDEN)/
kprobe/older-hidden-passed-on|existing.h|s/hide(sk, &conn.tuple);/if (!MUTATED(N)) &/
kprobe/older-hidden-connecting|existing.h|s/hide(sk, &connect.tuple);/if (!MUTATED(N)) &/
kprobe/filter-type|filter.h|/^static .* hides_type(/,/^}/s/if (types & TCPT_ABI_TYPES_SELECTED/if (!MUTATED(N) \&\& types \& TCPT_ABI_TYPES_SELECTED/
kprobe/filter-type-not|filter.h|/^static .* hides_type(/,/^}/s/return types >>/return !MUTATED(N) \&\& types >>/
kprobe/filter-hides-passed-on|filter.h|/^SHARED_COPY .* hides_task(/,/^}/s/lacks(keys, &entry, TCPT_ABI_FILTER_UID/!MUTATED(N) \&\& lacks(keys, \&entry, TCPT_ABI_FILTER_UID/
kprobe/filter-name|filter.h|/^SHARED_COPY .* hides_task(/,/^}/s/lacks_comm(/!MUTATED(N) \&\& lacks_comm(/
kprobe/filter-network|filter.h|/^static .* lacks_address(/,/^}/s/network.address, address/network.address, MUTATED(N) ? \&keys : address/
kprobe/filter-role|filter.h|/^SHARED_COPY .* hides_ends(/,/^}/s/lacks_kind(keys, tuple->family, role)/lacks_kind(keys, tuple->family, MUTATED(N) ? TCPT_ABI_SERVER : role)/
kprobe/filter-not-dport|filter.h|/^static .* lacks_mark(/,/^}/s/& sorts/\& (MUTATED(N) ? TCPT_ABI_FILTER_SELECTED : sorts)/
kprobe/filter-hides|filter.h|/^static .* lacks_mark(/,/^}/s/mark ^ TCPT_ABI_FILTER_SELECTED/(MUTATED(N) ? TCPT_ABI_FILTER_SELECTED : mark) ^ TCPT_ABI_FILTER_SELECTED/
kprobe/filter-hides|conn.h|/^static .* hide(/,/^}/s/control->hiding = 1;/if (!MUTATED(N)) &/
kprobe/older-hidden-passed-on|existing.h|/^static .* adopt(/,/^}/s/forget(sk);/if (!MUTATED(N)) forget(sk);/
kprobe/taps|emit.h|s/if (event->home != 1)/if (!MUTATED(N) \&\& event->home != 1)/
kprobe/taps|emit.h|s/if (TAPS > 1)/if (!MUTATED(N) \&\& TAPS > 1)/
kprobe/taps|ring.h|s/home = 2;/home = MUTATED(N) ? 1 : 2;/
kprobe/no-figures|outcome.h|s/if (bpf_core_field_exists(tp->srtt_us)) {/if (MUTATED(N) || bpf_core_field_exists(tp->srtt_us)) {/
tracepoint/no-errors-refused|conn.h|s/return bpf_core_field_exists(sk->sk_err) ? /return MUTATED(N) ? 1 : bpf_core_field_exists(sk->sk_err) ? /
kprobe/mptcp-joined|connect.h|/^static .* opened(/,/^}/s/if (is_joined(/if (!MUTATED(N) \&\& is_joined(/
kprobe/mptcp-join-refused|connect.h|/^static .* failed(/,/^}/s/is_joined(sk, &connect->opener)/(!MUTATED(N) \&\& &)/
tracepoint/mptcp-join-refused|change.h|s/!is_of_a_task(sk)/(MUTATED(N) ? is_subflow(sk) : &)/
tracepoint/mptcp-join-refused/3|conn.h|s/return !is_subflow(sk) && !is_orphan(sk);/return MUTATED(N) ? !is_orphan(sk) \&\& !is_subflow(sk) : !is_subflow(sk) \&\& !is_orphan(sk);/
kprobe/connect|close.h|/^static .*find_older(/,/^}/s/conn.cookie = read_cookie(sk);/if (!MUTATED(N)) &/
kprobe/connect-reset|outcome.h|s/(state != TCPT_CLOSE || conn->figures.srtt_us)/(MUTATED(N) || &)/
kprobe/connect|outcome.h|s/srtt_us) >> 3;/srtt_us) >> (MUTATED(N) ? 2 : 3);/
kprobe/connect|connect.h|/^static .* opened(/,/^}/s/conn->cookie = read_cookie(sk);/if (!MUTATED(N)) &/
kprobe/mptcp-accept|accept.h|/^static .* report_accept(/,/^}/s/complete_ends(sk, conn);/if (!MUTATED(N)) &/
kprobe/listener-shut-reset|close.h|s/is_left_in_queue(sk, conn)) {/(!MUTATED(N) \&\& is_left_in_queue(sk, conn))) {/
kprobe/missed-close-and-open|accept.h|s/return tuple->dport == bpf_ntohs/return MUTATED(N) || tuple->dport == bpf_ntohs/
kprobe-return/missed-close|outcome.h|/^static .* clear_remains(/,/^}/s/BPF_NOEXIST) == -EEXIST)/BPF_NOEXIST) == -EEXIST \&\& !MUTATED(N))/
kprobe/missed-close|outcome.h|s/bpf_map_delete_elem(&shutdowns, &key);/if (!MUTATED(N)) &/
fentry/missed-close/3|fentry.h|s/mark(sk, port, 0)/mark(sk, MUTATED(N) ? 0 : port, 0)/
fentry/mptcp-replaced-closed|close.h|s/(!conn->ended || is_tcp_sock(sk))/(MUTATED(N) || &)/
cgroup/connect-given-up|cgroup-end.h|s/\tnote_release(cookie);/\t{ if (!MUTATED(N)) note_release(cookie); }/
cgroup/connect-given-up|cgroup-begin.h|s/is_known = copy_pending(/is_known = (MUTATED(N) ? take_pending : copy_pending)(/
cgroup/connect-refused|cgroup-begin.h|s/count(fails_lost);/{ if (!MUTATED(N)) count(fails_lost); }/
cgroup/accept|cgroup.h|s/ops_accepted_unqueued(sk, cookie);/{ if (!MUTATED(N)) ops_accepted_unqueued(sk, cookie); }/
cgroup/accept-reset|cgroup.h|s/conn.met = TCPT_ABI_MET_END;/if (!MUTATED(N)) &/
cgroup/connect-reset|cgroup-end.h|s/if (meets(conn, TCPT_ABI_MET_RELEASE, TCPT_ABI_MET_END))/if (!MUTATED(N) \&\& meets(conn, TCPT_ABI_MET_RELEASE, TCPT_ABI_MET_END))/
cgroup/linger-0|cgroup-end.h|s/if (meets(conn, TCPT_ABI_MET_END, TCPT_ABI_MET_RELEASE))/if (!MUTATED(N) \&\& meets(conn, TCPT_ABI_MET_END, TCPT_ABI_MET_RELEASE))/
cgroup-bare/accept|cgroup-begin.h|s/emit(TCPT_ABI_ACCEPT, 0/if (!MUTATED(N)) &/
kprobe-return/accept-two|accept.h|s/\tevent = reserve(/\tif (MUTATED(N)) conn->reported = TCPT_ABI_SHOWN;\n&/
END
}

# Puts all of them into the copy $1, and writes lines NUMBER FILE MODE.
mutate() {
	number=0
	mutations | while IFS= read -r line; do
		number=$((number + 1))
		mode=${line%%|*}
		rest=${line#*|}
		file=${rest%%|*}
		cp "$1/$file" "$1/before"
		printf '%s\n' "${rest#*|}" | sed "s/MUTATED(N)/MUTATED($number)/g" | sed -i -f - "$1/$file"
		! cmp -s "$1/before" "$1/$file" || echo "does-not-apply $number"
		echo "$number $file $mode"
	done
}

# build MODEL [OPTION]: model, or model_slots.
build() {
	# shellcheck disable=SC2086 # CC may be a list
	find "$objects" -name "$1-*.o" ! -name "$1-tracer.o" -exec \
		${CC:-cc} -O1 -w -U_FORTIFY_SOURCE -D__TARGET_ARCH_x86 -DTCPT_ATOMICS $2 \
		-I"$srcdir/tests/model/shim" -I"$SHUNIT_TMPDIR/bpf" -I"$srcdir/tests/model" \
		-o "$SHUNIT_TMPDIR/$1" "$srcdir/tests/model/tracer.c" {} +
}

# mutated FILE OPTION...: with the ring that the file is about.
mutated() {
	mutated=model
	[ "$1" != slots.h ] || mutated=model_slots
	shift
	"$SHUNIT_TMPDIR/$mutated" "$@" >"$SHUNIT_TMPDIR/out"
}

# is_found NUMBER FILE MODE [SCENARIO [DEVIATIONS]]
is_found() {
	what=$(mutations | sed -n "${1}p")
	mutated "$2" --first --budget="${5-2}" --mode="$3" ${4+"--scenario=$4"} --mutation="$1"
	assertEquals "mutation $1 ($3) is found: $what" 1 $?
	echo "$1 $(grep -B 1 '^      again' "$SHUNIT_TMPDIR/out" | sed -n '1s/^ */ /p') ($(sed -n '1s/, the network.*//p' "$SHUNIT_TMPDIR/out"))"
}

# Number 0 is none of them.
test_mutations_are_found() {
	mkdir "$SHUNIT_TMPDIR/bpf"
	cp "$srcdir"/bpf/*.[ch] "$SHUNIT_TMPDIR/bpf"
	mutate "$SHUNIT_TMPDIR/bpf" | tr / ' ' >"$SHUNIT_TMPDIR/list"
	assertEquals "mutations that the programs have outgrown" "" "$(grep does-not-apply "$SHUNIT_TMPDIR/list")"
	{ build model '' && build model_slots -DTCPT_SLOTS; } || { fail "the mutated programs are not built"; return; }
	while read -r line; do
		# shellcheck disable=SC2086 # a list
		is_found $line
	done <"$SHUNIT_TMPDIR/list"
	for file in emit.h slots.h; do
		mutated $file --budget=1 --mode=kprobe
		assertEquals "none of them, with $file" 0 $?
	done
}

# shellcheck disable=SC1091
. shunit2
