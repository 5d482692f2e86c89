// Initialisers of the structs that begin with their size; every option at its default.
#define EYOT_CONTEXT_INIT \
    {sizeof(eyot_context), 0, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, 0, 0}
#define EYOT_PAYLOAD_INIT \
    {sizeof(eyot_payload), EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, NULL, 0}
#define EYOT_ISLANDS_OPTIONS_INIT \
    {sizeof(eyot_islands_options), NULL, 0, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, NULL, 0, NULL, 0, NULL, 0, 0, 0, 0, 0, \
     0, 0}
#define EYOT_PLACEHOLDER_INIT \
    {sizeof(eyot_placeholder), EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, NULL, 0, NULL, 0, 0}
#define EYOT_HEAD_INIT {sizeof(eyot_head), EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, NULL, 0}
#define EYOT_ANSWER_INIT {sizeof(eyot_answer), NULL, 0, EYOT_SLICE_INIT, EYOT_SLICE_INIT, 0, 0, 0}
#define EYOT_POLICY_OPTIONS_INIT {sizeof(eyot_policy_options), 0, 0, 0, 0, 0}
#define EYOT_RESPONSE_INIT {sizeof(eyot_response), NULL, 0, EYOT_SLICE_INIT, 0, 0}
