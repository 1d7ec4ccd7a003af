# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
#
# Completion for all programs of tcpt. If it is loaded for one of them, it registers
# all of them.

# Prints the long options of a program; an option with a value ends in "=".
_tcpt_options() {
	case $1 in
	tcpt-audit) printf '%s\n' --pid= --format= --banner ;;
	tcpt-check) printf '%s\n' --attach= --all-modes --no-self-test --format= --verbose ;;
	tcpt-filter) printf '%s\n' --add= --remove= --clear --watch= --unwatch= --format= --pin= ;;
	tcpt-guess)
		printf '%s\n' --via= --fields= --only= --explain --dump= --replay= --verify \
			--format= --output= --verbose
		;;
	tcpt-list)
		printf '%s\n' --listen --filter= --format= --columns= --sort= --no-heading --color= --interval= \
			--num-lists= --duration= --pin=
		;;
	tcpt-load)
		printf '%s\n' --attach= --pin= --offsets= --cached --cache-dir= --hold --ring-size= \
			--store= --recorder --recorder= --taps= --filter= --watch= --processes --existing --no-existing --group= --replace --force --no-verify \
			--probe --verbose
		;;
	tcpt-map) printf '%s\n' --by= --format= --output= ;;
	tcpt-stat) printf '%s\n' --format= --all --output= --tap= --pin= ;;
	tcpt-trace)
		printf '%s\n' --format= --type= --columns= --no-heading --color= --time= --count= --interval= \
			--summary --output= --filter= --no-existing --attach= --cached --cache-dir= --ring-size= \
			--num-events= --duration= --idle-timeout= --expect= --fail-on-loss --banner --verbose
		;;
	tcpt-unload) printf '%s\n' --pin= ;;
	tcpt-watch)
		printf '%s\n' --format= --type= --columns= --summary --no-heading --color= --time= --output= --resolve= --count= --interval= \
			--num-events= --duration= --idle-timeout= \
			--drain --peek --follow --fail-on-loss --banner --tap= --pin=
		;;
	esac
	printf '%s\n' --help --version
}

# Prints the types that are not in the list before the last comma.
_tcpt_types() {
	local given=,${1%"${1##*,}"} type

	for type in connect accept close fail fdinstall existing; do
		[[ $given == *,$type,* ]] || printf '%s\n' "${given#,}$type"
	done
}

# Prints the names to resolve that are not in the list before the last comma.
_tcpt_resolve() {
	local given=,${1%"${1##*,}"} name

	for name in user cgroup service container exe ppid process started; do
		[[ $given == *,$name,* ]] || printf '%s\n' "${given#,}$name"
	done
}

# Prints the columns of text that are not in the list before the last comma.
_tcpt_columns() {
	local given=,${1%"${1##*,}"} column

	for column in time type role pid tid uid comm local remote saddr sport daddr dport family netns \
		netns_cookie cgroup cookie cpu seq id duration wait sent received rtt retransmits reason errno \
		opener fd late user euid euser service slice container runtime exe ppid process started cgroup_path note; do
		[[ $given == *,$column,* ]] || printf '%s\n' "${given#,}$column"
	done
}

# Prints the columns of tcpt-list in the same way.
_tcpt_list_columns() {
	local given=,${1%"${1##*,}"} column

	for column in id age role state pid tid uid comm exe local remote saddr sport daddr dport family netns \
		cgroup cookie rate sent received rtt retransmits sendq recvq user service container cgroup_path \
		ppid process; do
		[[ $given == *,$column,* ]] || printf '%s\n' "${given#,}$column"
	done
}

_tcpt_fields() {
	printf 'sock_common.%s\n' skc_daddr skc_rcv_saddr skc_dport skc_num skc_family skc_state \
		skc_net skc_v6_daddr skc_v6_rcv_saddr skc_cookie
	printf 'sock.%s\n' sk_err sk_err_soft sk_shutdown sk_protocol sk_socket
	printf 'tcp_sock.%s\n' bytes_acked bytes_received srtt_us total_retrans
	echo net.ns.inum inet_sock.inet_sport socket.sk socket.file file.private_data \
		task_struct.files files_struct.fdt fdtable.fd
}

_tcpt_formats() {
	case $1 in
	tcpt-audit | tcpt-check | tcpt-filter) echo text json ;;
	tcpt-guess) echo text json shell c btf ;;
	tcpt-list) echo text json tsv ;;
	tcpt-map) echo dot mermaid json ;;
	tcpt-stat) echo text json prometheus ;;
	tcpt-trace | tcpt-watch) echo text json tsv tcptracer ;;
	esac
}

# Prints the beginning of each filter.
_tcpt_keys() {
	printf '%s= ' {pid,uid,comm,cgroup,netns,family,role,saddr,sport,daddr,dport,type}{,!}
}

# Prints the values that an option of a program can have, given their beginning.
# type, family and role are keys of filters.
_tcpt_values() {
	local program=$1

	shift
	case $1 in
	--by) compgen -W 'comm exe container host' -- "$2" ;;
	--via) compgen -W 'auto raw_tp kprobe' -- "$2" ;;
	--fields) compgen -W 'default all' -- "$2" ;;
	--only) compgen -W "$(_tcpt_fields)" -- "$2" || compgen -W "$(_tcpt_fields | sed 's/.*[.]//')" -- "$2" ;;
	--dump | --replay) compgen -d -- "$2" ;;
	--store) compgen -W 'auto ring slots' -- "$2" ;;
	--attach) compgen -W 'auto kprobe fentry tracepoint cgroup' -- "$2" ;;
	--format | -f) compgen -W "$(_tcpt_formats "$program")" -- "$2" ;;
	--add | --remove | --filter | -a | -r)
		compgen -W "$(_tcpt_keys)" -- "$2"
		;;
	family | family!) compgen -W '4 6' -- "$2" ;;
	role | role!) compgen -W 'client server' -- "$2" ;;
	--type | -t | type | type!) compgen -W "$(_tcpt_types "$2")" -- "$2" ;;
	--resolve) compgen -W "$(_tcpt_resolve "$2")" -- "$2" ;;
	--columns)
		[[ $program == tcpt-list ]] || compgen -W "$(_tcpt_columns "$2")" -- "$2"
		[[ $program != tcpt-list ]] || compgen -W "$(_tcpt_list_columns "$2")" -- "$2"
		;;
	--sort) compgen -W "$(_tcpt_list_columns '')" -- "$2" ;;
	--count) compgen -W "$(_tcpt_columns "$2" | grep -v -E '(^|,)(time|note)$')" -- "$2" ;;
	--color) compgen -W 'auto always never' -- "$2" ;;
	--time) compgen -W 'local utc unix monotonic delta' -- "$2" ;;
	--offsets) compgen -W 'btf none' -f -- "$2" ;;
	--output | -o | --expect) compgen -f -- "$2" ;;
	--pin | --cache-dir) compgen -d -- "$2" ;;
	--group) compgen -g -- "$2" ;;
	--ring-size | --recorder) compgen -W '64K 1M 8M 64M 1G' -- "$2" ;;
	--duration | --idle-timeout | --interval) compgen -W '500ms 10s 5m 1h 1d' -- "$2" ;;
	esac
}

_tcpt_takes_value() {
	case $2 in
	-f) [[ -n $(_tcpt_formats "$1") ]] ;;
	-o) [[ $1 == tcpt-guess || $1 == tcpt-map || $1 == tcpt-stat || $1 == tcpt-trace || $1 == tcpt-watch ]] ;;
	-n) [[ $1 == tcpt-list || $1 == tcpt-trace || $1 == tcpt-watch ]] ;;
	-t) [[ $1 == tcpt-trace || $1 == tcpt-watch ]] ;;
	-a | -r) [[ $1 == tcpt-filter ]] ;;
	type | type! | family | family! | role | role!)
		[[ $1 == tcpt-list || $1 == tcpt-load || $1 == tcpt-filter || $1 == tcpt-trace ]]
		;;
	--*) _tcpt_options "$1" | grep -q -x -F -e "$2=" ;;
	*) return 1 ;;
	esac
}

# bash splits --option=value into three words unless COMP_WORDBREAKS has no "=".
_tcpt() {
	local program=${1##*/} cur=${COMP_WORDS[COMP_CWORD]} option='' prefix=''

	COMPREPLY=()
	((COMP_CWORD > 0)) && option=${COMP_WORDS[COMP_CWORD - 1]}
	[[ $option != --recorder || $cur == = ]] || option='' # its value needs the "="
	if [[ $cur == --*=* ]]; then
		option=${cur%%=*}
		prefix=$option=
		cur=${cur#*=}
	elif [[ $cur == = ]]; then
		cur=
	elif [[ $option == = ]]; then
		option=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	if _tcpt_takes_value "$program" "$option"; then
		case $option in
		--offsets | --output | -o | --expect | --pin | --cache-dir | --dump | --replay) compopt -o filenames ;;
		--type | --resolve | --columns | --count | --add | --remove | --filter | -[tar] | type | type!) compopt -o nospace ;;
		esac
		mapfile -t COMPREPLY < <(_tcpt_values "$program" "$option" "$cur")
		COMPREPLY=("${COMPREPLY[@]/#/$prefix}")
	else
		mapfile -t COMPREPLY < <(compgen -W "$(_tcpt_options "$program")" -- "$cur")
		[[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace
	fi
}

complete -F _tcpt tcpt-audit tcpt-check tcpt-filter tcpt-guess tcpt-list tcpt-load tcpt-map tcpt-stat tcpt-trace tcpt-unload tcpt-watch
