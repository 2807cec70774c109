// Collects what is wrong with an object, in the order that Kubernetes finds it.
#pragma once
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/validation/formats.h"
#include "core/api/validation/validation.h"
#include "core/base/json.h"

namespace orrery::api {

class Findings {
  public:
    void required(std::string field, std::string_view detail = "");
    void invalid(std::string field, const Json& value, std::string_view detail);
    void invalid(std::string field, std::string_view value, std::string_view detail);
    void invalid(std::string field, const char* value, std::string_view detail) {
        invalid(std::move(field), std::string_view(value), detail);
    }
    // One cause for each sentence.
    void each(const std::string& field, std::string_view value, const Sentences& sentences);
    void forbidden(std::string field, std::string_view detail);
    void duplicate(std::string field, const Json& value);
    void notFound(std::string field, std::string_view value);
    void notSupported(std::string field, const Json& value,
                      const std::vector<std::string_view>& supported);
    void tooLong(std::string field, std::size_t bytesMax);
    void tooMany(std::string field, std::size_t actual, std::size_t max);
    void typeInvalid(std::string field, const Json& value, std::string_view detail);
    void internal(std::string field, std::string_view detail);
    // An object's own words for a reason that has no function here.
    void say(std::string_view reason, std::string message, std::string field) {
        add(reason, std::move(message), std::move(field));
    }

    FieldErrors take() { return std::move(errors_); }
    std::size_t count() const { return errors_.size(); }
    void append(FieldErrors errors);
    // Forgets what was found since count() was `count`.
    void dropFrom(std::size_t count) { errors_.resize(count); }

  private:
    void add(std::string_view reason, std::string message, std::string field);
    FieldErrors errors_;
};

// "spec.containers" + [3]
std::string at(const std::string& path, std::size_t index);
// "data" + [key]
std::string keyed(const std::string& path, std::string_view key);

// Texts that may stand once only.
class Seen {
  public:
    // Whether this text is new; it isn't the next time.
    bool add(std::string_view text) { return texts_.emplace(text).second; }
    bool has(std::string_view text) const { return texts_.find(text) != texts_.end(); }

  private:
    std::set<std::string, std::less<>> texts_;
};

// The part at a dotted path, or a shared null.
const Json& partOf(const Json& object, std::string_view path);
// Whether a member is there and not null.
bool has(const Json& object, std::string_view member);
// Calls `check(item, "path.member[i]")` for each item of a list member.
template <typename Check>
void eachItem(const Json& object, std::string_view member, const std::string& path, Check check) {
    const JsonArray& items = arrayAt(object, member);
    const std::string list = (path.empty() ? "" : path + ".") + std::string(member);
    for (std::size_t i = 0; i < items.size(); ++i)
        check(items[i], at(list, i));
}

inline constexpr std::string_view kNotNegative = "must be greater than or equal to 0";
inline constexpr std::string_view kImmutable = "field is immutable";

// The member's number when it is there and below zero is an error.
void checkNonNegative(Findings& findings, const Json& object, std::string_view member,
                      const std::string& path);
// The member, when it is there (or always, when `required`), must be one of `supported`.
void checkOneOf(Findings& findings, const Json& object, std::string_view member,
                const std::string& path, const std::vector<std::string_view>& supported,
                bool whenAbsent = false);
// A value that must not differ from before.
void checkImmutable(Findings& findings, const Json& object, const Json& old, std::string_view path);
// A text that must be there ("Required value"), and then pass `check`.
void checkRequired(Findings& findings, const Json& object, std::string_view member,
                   const std::string& path, Sentences (*check)(std::string_view) = nullptr);
// "example.com/path", with a path that HTTP allows.
void checkDomainPath(Findings& findings, std::string_view value, const std::string& path);
// A CSI driver's name.
void checkDriverName(Findings& findings, std::string_view value, const std::string& path);
// metav1.Conditions of a status.
void checkConditions(Findings& findings, const Json& status, const std::string& path);
// A quantity above zero, or not below it.
void checkPositiveQuantity(Findings& findings, const Json& value, const std::string& path);
void checkNonNegativeQuantity(Findings& findings, const Json& value, const std::string& path);
void checkLabels(Findings& findings, const Json* labels, const std::string& path);
void checkLabelSelector(Findings& findings, const Json& selector, const std::string& path);
// A number, or a percentage of at most 100%.
void checkIntOrPercent(Findings& findings, const Json& value, const std::string& path,
                       bool atMostAll);

// --- metadata ------------------------------------------------------------------------------------
using NameCheck = Sentences (*)(std::string_view);
// The kind's rule for names.
NameCheck nameCheckOf(const KindDef& kind);
void checkMetadata(Findings& findings, const Json& object, bool namespaced, NameCheck check,
                   const std::string& path = "metadata", bool kubeFinalizers = true);
void checkMetadataUpdate(Findings& findings, const Json& object, const Json& old,
                         bool kubeFinalizers = true);

// --- kinds: one file for each group
// ------------------------------------------------------------------
using CreateRule = void (*)(Findings& findings, const Json& object);
using UpdateRule = void (*)(Findings& findings, const Json& object, const Json& old,
                            std::string_view subresource);
struct KindRules {
    std::string_view group, kind;
    CreateRule create = nullptr;
    UpdateRule update = nullptr;      // what an update may not change; null: nothing
    bool updateChecksAll = true;      // an update runs `create` too, before `update`
    CreateRule createOnly = nullptr;  // runs after `create`, on creations alone
    bool updateSkipsMetadata = false; // without updateChecksAll: metadata is not judged once more
};
void addCoreRules(std::vector<KindRules>& rules);
void addServiceRules(std::vector<KindRules>& rules);
void addPodRules(std::vector<KindRules>& rules);
void addAppsRules(std::vector<KindRules>& rules);
void addBatchRules(std::vector<KindRules>& rules);
void addPolicyRules(std::vector<KindRules>& rules);
void addRbacRules(std::vector<KindRules>& rules);
void addDefinitionRules(std::vector<KindRules>& rules);
void addClusterRules(std::vector<KindRules>& rules);
void addEndpointRules(std::vector<KindRules>& rules);
void addNetworkRules(std::vector<KindRules>& rules);
void addVolumeRules(std::vector<KindRules>& rules);
void addStorageRules(std::vector<KindRules>& rules);
void addWebhookRules(std::vector<KindRules>& rules);
void addAdmissionPolicyRules(std::vector<KindRules>& rules);
void addFlowRules(std::vector<KindRules>& rules);
void addCertificateRules(std::vector<KindRules>& rules);
void addDeviceRules(std::vector<KindRules>& rules);
void addAutoscalerRules(std::vector<KindRules>& rules);

// --- parts that kinds share ----------------------------------------------------------------------
void checkPodSpec(Findings& findings, const Json& spec, const std::string& path);
// metadata's labels and annotations, and the spec, of a pod template.
void checkPodTemplate(Findings& findings, const Json& templateObject, const std::string& path);
// `badVolumes`: those that mounts can't name, because they are wrong themselves.
void checkContainers(Findings& findings, const Json& spec, const std::string& path,
                     const std::vector<std::string_view>& badVolumes);
std::vector<std::string_view> checkVolumes(Findings& findings, const Json& spec,
                                           const std::string& path);
void checkTolerations(Findings& findings, const Json& holder, const std::string& path);
void checkSpread(Findings& findings, const Json& spec, const std::string& path);
void checkGates(Findings& findings, const Json& spec, const std::string& path);
void checkAffinity(Findings& findings, const Json& spec, const std::string& path);
void checkNodeSelector(Findings& findings, const Json& selector, const std::string& path);
void checkQuantities(Findings& findings, const Json* amounts, const std::string& path);
void checkJobSpec(Findings& findings, const Json& spec, const std::string& path);

} // namespace orrery::api
