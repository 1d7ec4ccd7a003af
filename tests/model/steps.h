/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the scenarios of several subjects have in common: scripts on one socket. */
#ifndef MODEL_STEPS_H
#define MODEL_STEPS_H

#define PORT 80
#define LISTENER 2
#define CHILD 1
#define PEER 5000

int step_was_opened(int conn); /* for wait_until() */

/* ---- before ---- */

void step_listen(void); /* sock LISTENER does, at PORT */
void step_select_next_port(void); /* a filter hides all that does not go to PORT + 1 */

/* ---- tasks ---- */

void step_connect(void);
void step_connect_and_close(void); /* others may go on before both */
void step_connect_twice(void); /* to the next port, after connect() to AF_UNSPEC */
void step_connect_again(void); /* to the next port, if the first connect was refused */
void step_close_opened(void); /* by another task than the one that connected */
void step_accept_and_close(void);

/* ---- what arrives ---- */

void step_answer(void);
void step_answer_next(void); /* the second connect of sock 0 */
void step_answer_anew(void); /* both connects of sock 0 */
void step_refuse(void);
void step_refuse_and_answer(void);
void step_complete(void);

#endif
