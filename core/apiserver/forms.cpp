#include "core/apiserver/forms.h"

#include "core/base/yaml.h"

namespace orrery::apiserver {

namespace {
using Media = Representation::Media;
using Shape = Representation::Shape;

unsigned numberOf(const Forms::Wish& wish) {
    unsigned number = static_cast<unsigned>(wish.media);
    number = number * 4 + static_cast<unsigned>(wish.shape);
    number = number * 4 + static_cast<unsigned>(wish.include);
    return number * 4 + (wish.beta ? 2 : 0) + (wish.columns ? 1 : 0);
}

// Ages are told in seconds; what does not depend on the time is good for ever.
std::int64_t secondOf(const Forms::Wish& wish, Time now) {
    if (wish.shape != Shape::Table)
        return 0;
    return std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
}

Result<Forms::Form> encode(const Json& tree, Media media) {
    if (media == Media::Protobuf)
        return api::encodeProtobuf(tree);
    Forms::Form form;
    form.bytes = media == Media::Yaml ? emitYaml(tree) : serializeJson(tree);
    return form;
}
} // namespace

Result<Forms::FormPtr> Forms::make(const api::KindDef& kind, const Encoded& object,
                                   const Wish& wish, Time now) {
    ++made_;
    const std::string version = wish.beta ? "v1beta1" : "v1";
    Result<Form> form = Form();
    if (wish.shape == Shape::Table) {
        api::TableOptions options;
        options.version = version;
        options.include = wish.include;
        options.columns = wish.columns;
        form = encode(api::tableOf(kind, object.tree(), options, now), wish.media);
    } else if (wish.shape != Shape::Plain) {
        form = encode(api::partialMetadata(object.tree(), version), wish.media);
    } else {
        form = encode(object.tree(), wish.media);
    }
    if (!form)
        return form.error();
    return std::make_shared<const Form>(*std::move(form));
}

Forms::FormPtr Forms::kept(const Key& key, std::int64_t second) const {
    const auto at = entries_.find(key);
    return at != entries_.end() && at->second.second == second ? at->second.form : nullptr;
}

Result<Forms::FormPtr> Forms::of(const api::KindDef& kind, const EncodedPtr& object,
                                 const Wish& wish, Time now) {
    const Key key{object.get(), numberOf(wish)};
    const std::int64_t second = secondOf(wish, now);
    if (FormPtr found = kept(key, second))
        return found;
    ORRERY_TRY_ASSIGN(FormPtr made, make(kind, *object, wish, now));
    keep(key, {object, made, second});
    return made;
}

Result<Forms::FormPtr> Forms::once(const api::KindDef& kind, const EncodedPtr& object,
                                   const Wish& wish, Time now) {
    if (FormPtr found = kept({object.get(), numberOf(wish)}, secondOf(wish, now)))
        return found;
    return make(kind, *object, wish, now);
}

std::size_t Forms::cost(const Entry& entry) {
    constexpr std::size_t kBookkeeping = 160;
    return entry.form->bytes.size() + entry.object->bytes().size() + kBookkeeping;
}

void Forms::keep(const Key& key, Entry entry) {
    bytes_ += cost(entry);
    const auto [at, isNew] = entries_.try_emplace(key, entry);
    if (isNew) {
        order_.push_back(key);
    } else { // of an earlier second
        bytes_ -= cost(at->second);
        at->second = std::move(entry);
    }
    while (bytes_ > bytesMax_ && !order_.empty()) {
        const auto oldest = entries_.find(order_.front());
        bytes_ -= cost(oldest->second);
        entries_.erase(oldest);
        order_.pop_front();
    }
}

Slice sliceOf(const Forms::FormPtr& form) {
    return {form, form->bytes};
}

Slice messageSliceOf(const Forms::FormPtr& form) {
    return {form, form->message()};
}

} // namespace orrery::apiserver
