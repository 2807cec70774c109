// Some refusals show a part of the object, or how it changed, and Kubernetes prints its internal
// types there: every field in the order of its declaration, under its Go name.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"

namespace orrery::api {

enum class Absent : std::uint8_t { Null, Text, Zero, False, Struct };

struct InternalField {
    std::string_view name, member; // "FSType", "fsType"
    Absent absent = Absent::Null;  // what stands there when the member is missing
    const std::vector<InternalField>* fields = nullptr; // of the member, or of its items
};
using InternalType = std::vector<InternalField>;

// `value` under the names of `type`; a list item by item.
Json internalView(const Json& value, const InternalType& type);

extern const InternalType kInternalClaimSpec;       // PersistentVolumeClaimSpec
extern const InternalType kInternalVolumeSource;    // PersistentVolumeSource, from a volume's spec
extern const InternalType kInternalDeviceClaimSpec; // ResourceClaimSpec
extern const InternalType kInternalTaint;
extern const InternalType kInternalObjectReference;

// The unified diff of two values, each printed with one field a line.
std::string diffText(const Json& before, const Json& after);

} // namespace orrery::api
