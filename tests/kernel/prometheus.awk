# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Is this the text format of Prometheus, version 0.0.4, as a textfile collector
# takes it and as its conventions want it? Prints what is wrong; exit status 1.
#
# Each metric: HELP, TYPE, then all its samples, and never again. Counters end in
# _total, others do not; no sample comes twice.

function wrong(what) {
	print NR ": " what ": " $0
	bad = 1
}

# Whether text is LABEL="VALUE",... with quotes and backslashes escaped.
function are_labels(text) {
	for (;;) {
		if (!match(text, /^[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\["\\n])*"/))
			return 0
		if (text ~ /^__/)
			return 0
		text = substr(text, RLENGTH + 1)
		if (text == "")
			return 1
		if (substr(text, 1, 1) != ",")
			return 0
		text = substr(text, 2)
	}
}

function sample(name, labels, value) {
	if (name != metric)
		wrong("a sample of " name " where " metric " is reported")
	if (state != "TYPE")
		wrong("a sample without TYPE")
	if (labels != "" && !are_labels(labels))
		wrong("labels")
	if (value !~ /^(0|[1-9][0-9]*)(\.[0-9]+)?$/)
		wrong("value")
	if ((name, labels) in seen)
		wrong("the sample comes twice")
	seen[name, labels] = 1
}

/^# HELP / {
	if ($0 !~ /^# HELP tcpt_[a-z0-9_]+ [^ ].*\.$/)
		wrong("HELP")
	metric = $3
	if (metric in reported)
		wrong("the metric comes twice")
	reported[metric] = 1
	state = "HELP"
	next
}

/^# TYPE / {
	if ($0 !~ /^# TYPE [a-z0-9_]+ (counter|gauge)$/ || $3 != metric || state != "HELP")
		wrong("TYPE")
	if (($4 == "counter") != (metric ~ /_total$/))
		wrong("a counter, and only a counter, ends in _total")
	state = "TYPE"
	next
}

/^[a-zA-Z_:][a-zA-Z0-9_:]* [^ ]+$/ {
	sample($1, "", $2)
	next
}

/^[a-zA-Z_:][a-zA-Z0-9_:]*\{.+\} [^ ]+$/ {
	name = labels = value = $0
	sub(/\{.*/, "", name)
	sub(/^[^{]*\{/, "", labels)
	sub(/\} [^ ]*$/, "", labels)
	sub(/^.* /, "", value)
	sample(name, labels, value)
	next
}

{ wrong("neither HELP nor TYPE nor a sample") }

END {
	if (NR == 0) {
		print "empty"
		bad = 1
	}
	exit bad
}
