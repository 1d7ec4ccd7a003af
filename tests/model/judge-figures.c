// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a connection carried, as its close reports it. */
#include "judge.h"

#include "story.h"
#include "truth.h"

/* What is not known is 0. */
static void judge_rtt(const struct truth *truth, const struct tcpt_abi_close *close)
{
	if (close->known & TCPT_ABI_SRTT ? close->figures.srtt_us != truth->srtt :
					   close->figures.srtt_us)
		fail(ENDS "an RTT of %u us is reported, and it is %u", ENDS_OF(truth),
		     close->figures.srtt_us, truth->srtt);
	if (close->known & TCPT_ABI_RETRANSMITS ? close->figures.retransmits != truth->retransmits :
						  close->figures.retransmits)
		fail(ENDS "%u retransmits are reported, and there were %u", ENDS_OF(truth),
		     close->figures.retransmits, truth->retransmits);
}

void judge_figures(const struct truth *truth, const struct tcpt_abi_close *close)
{
	if (world.stage.absent == ABSENT_FIGURES && (close->known || close->event.cookie))
		fail(ENDS "figures are reported whose fields are absent", ENDS_OF(truth));
	if (truth->notes & NOTE_MPTCP && close->known)
		fail(ENDS "figures of an MPTCP connection are reported", ENDS_OF(truth));
	judge_rtt(truth, close);
	if (close->known & TCPT_ABI_BYTES_SENT && close->figures.bytes_sent != truth->sent)
		fail(ENDS "%lld bytes sent are reported, and %lld were", ENDS_OF(truth),
		     (long long)close->figures.bytes_sent, (long long)truth->sent);
	if (close->known & TCPT_ABI_BYTES_RECEIVED &&
	    close->figures.bytes_received != truth->received &&
	    !(truth->notes & NOTE_FIN_AT_CLOSE &&
	      close->figures.bytes_received == truth->received + 1))
		fail(ENDS "%lld bytes received are reported, and %lld were", ENDS_OF(truth),
		     (long long)close->figures.bytes_received, (long long)truth->received);
}
