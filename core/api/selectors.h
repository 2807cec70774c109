// Label and field selectors: Kubernetes' string syntax, LabelSelector objects, and matching
// objects' trees.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/kind.h"
#include "core/base/error.h"
#include "core/base/json.h"

namespace orrery::api {

// Label selectors. The default one matches everything.
class LabelFilter {
  public:
    enum class Op : std::uint8_t {
        Equals,
        NotEquals,
        In,
        NotIn,
        Exists,
        NotExists,
        GreaterThan,
        LessThan
    };
    struct Requirement {
        std::string key;
        Op op = Op::Exists;
        std::vector<std::string> values; // sorted for In and NotIn
    };

    // "app=web,tier in (a,b),!old". BadRequest with Kubernetes' sentence.
    static Result<LabelFilter> parse(std::string_view text);
    // A metav1.LabelSelector. Null (absent) matches nothing, {} everything.
    static Result<LabelFilter> fromObject(const Json& selector);

    bool matches(const Json& object) const; // by its metadata.labels
    bool matchesLabels(const JsonObject& labels) const;
    bool everything() const { return !nothing_ && requirements_.empty(); }
    const std::vector<Requirement>& requirements() const { return requirements_; }
    // Kubernetes' canonical spelling: "app=web,tier in (a,b)".
    std::string text() const;

  private:
    bool nothing_ = false;
    std::vector<Requirement> requirements_;
};

// Field selectors of one kind. The default one matches everything.
class FieldFilter {
  public:
    // "metadata.name=a,status.phase!=Running". BadRequest for bad syntax and for labels that the
    // kind does not support.
    static Result<FieldFilter> parse(const KindDef& kind, std::string_view text);

    bool matches(const Json& object) const;
    bool everything() const { return requirements_.empty(); }
    // The value that `field` must equal, when one term says so ("metadata.name" for single-object
    // watches).
    std::optional<std::string> exactly(std::string_view field) const;
    std::string text() const;

  private:
    struct Requirement {
        std::string field;
        bool equal = true;
        std::string value;
    };
    std::string kind_; // some labels read other places than their path
    std::vector<Requirement> requirements_;
};

} // namespace orrery::api
