#include "core/apiserver/http/answer_slot.h"

#include <algorithm>

namespace orrery::apiserver {

void AnswerSlot::consume(std::size_t bytes) {
    // What a protocol puts around a body is not counted in `queued`, so that it may fall short by
    // a little.
    if (reader)
        queued -= std::min(queued.load(), bytes);
    while (bytes > 0) {
        Slice& first = out.front();
        if (bytes < first.bytes.size()) {
            first.bytes.remove_prefix(bytes);
            return;
        }
        bytes -= first.bytes.size();
        out.pop_front();
    }
    if (out.empty() && reader)
        queued = 0;
}

} // namespace orrery::apiserver
