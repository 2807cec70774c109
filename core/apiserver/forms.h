// What is made of objects for readers that do not take the stored JSON: protobuf messages, table
// rows, metadata alone. Each is made once and shared by all who ask for it soon after: hundreds of
// watchers of one event, or a list and the watch that follows it. Plane thread.
#pragma once
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>

#include "core/api/kind.h"
#include "core/api/protobuf.h"
#include "core/api/tables.h"
#include "core/apiserver/http_message.h"
#include "core/apiserver/negotiate.h"

namespace orrery::apiserver {

class Forms {
  public:
    // The bytes of one form; of protobuf also where the bare message is.
    using Form = api::ProtobufForm;
    using FormPtr = std::shared_ptr<const Form>;
    struct Wish {
        Representation::Media media = Representation::Media::Json;
        Representation::Shape shape = Representation::Shape::Plain;
        bool beta = false; // meta.k8s.io/v1beta1
        api::IncludeObject include = api::IncludeObject::Metadata;
        bool columns = true;
    };

    // Keeps at most `bytesMax` bytes, those of the newest.
    explicit Forms(std::size_t bytesMax = 16 << 20) : bytesMax_(bytesMax) {}

    // `object` is one of `kind` in that version. InternalError when it can't be encoded.
    Result<FormPtr> of(const api::KindDef& kind, const EncodedPtr& object, const Wish& wish,
                       Time now);
    // The same for what is asked for once: used when it is there, else made and not kept.
    Result<FormPtr> once(const api::KindDef& kind, const EncodedPtr& object, const Wish& wish,
                         Time now);
    std::size_t bytesKept() const { return bytes_; }
    // Forgets everything that is kept.
    void clear() {
        entries_.clear();
        order_.clear();
        bytes_ = 0;
    }
    // How often something had to be made.
    std::uint64_t made() const { return made_; }

  private:
    struct Key {
        const Encoded* object;
        unsigned wish;
        friend bool operator==(const Key&, const Key&) = default;
    };
    struct Hash {
        std::size_t operator()(const Key& key) const {
            return std::hash<const void*>()(key.object) * 31 + key.wish;
        }
    };
    struct Entry {
        EncodedPtr object; // alive, so that nothing else can have its address
        FormPtr form;
        std::int64_t second = 0; // that a table's ages are of
    };

    FormPtr kept(const Key& key, std::int64_t second) const;
    Result<FormPtr> make(const api::KindDef& kind, const Encoded& object, const Wish& wish,
                         Time now);
    void keep(const Key& key, Entry entry);
    static std::size_t cost(const Entry& entry);

    std::size_t bytesMax_, bytes_ = 0;
    std::uint64_t made_ = 0;
    std::unordered_map<Key, Entry, Hash> entries_; // looked up only
    std::deque<Key> order_;                        // oldest first
};

// A form as a slice of an answer: whole, or its bare message.
Slice sliceOf(const Forms::FormPtr& form);
Slice messageSliceOf(const Forms::FormPtr& form);

} // namespace orrery::apiserver
