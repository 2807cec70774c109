#include "core/api/apply.h"
#include "core/api/managed_fields.h"
#include "core/api/tables.h"
#include "core/api/validation/validation.h"
#include "tests/support/test.h"

using namespace orrery;
using namespace orrery::api;

namespace {
constexpr Time kNow = Time(1767323045s); // 2026-01-02T03:04:05Z

Json json(const std::string& text) {
    Result<Json> parsed = parseJson(text);
    if (!parsed)
        qFatal("%s in %s", parsed.error().message.c_str(), text.c_str());
    return std::move(*parsed);
}

Json configMap(const char* data) {
    return json(
        R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","namespace":"d"},"data":)" +
        std::string(data) + "}");
}

// "one Apply {...} | two Update {...}"
std::string managers(const Json& object) {
    std::string text;
    for (const Json& entry : arrayAt(object, "metadata.managedFields"))
        text += (text.empty() ? "" : " | ") + std::string(stringAt(entry, "manager")) + " " +
                std::string(stringAt(entry, "operation")) + " " +
                serializeJson(*find(entry, "fieldsV1"));
    return text;
}
} // namespace

class ManagedFieldsTest : public QObject {
    Q_OBJECT
  private slots:
    void creationAndUpdate();
    void nothingChanges();
    void sharedAndDropped();
    void conflicts();
    void lists();
    void refusals();
    void podRow();
    void composedMessage();

  private:
    const KindRegistry kinds_;
    const KindDef& kind(const char* version, const char* name) {
        return *kinds_.byApiVersion(version, name);
    }
};

void ManagedFieldsTest::creationAndUpdate() {
    const KindDef& maps = kind("v1", "ConfigMap");
    Json first = configMap(R"({"a":"1","b":"1"})");
    updateManagedFields(maps, first, nullptr, "one", "", kNow);
    QCOMPARE(managers(first), std::string(R"(one Update {"f:data":{".":{},"f:a":{},"f:b":{}}})"));
    Json second = configMap(R"({"a":"2"})");
    updateManagedFields(maps, second, &first, "two", "", kNow + 5s);
    QCOMPARE(managers(second),
             std::string(R"(one Update {"f:data":{}} | two Update {"f:data":{"f:a":{}}})"));
    QCOMPARE(std::string(stringAt(arrayAt(second, "metadata.managedFields")[1], "time")),
             std::string("2026-01-02T03:04:10Z"));
}

void ManagedFieldsTest::nothingChanges() {
    const KindDef& maps = kind("v1", "ConfigMap");
    Json first = configMap(R"({"a":"1"})");
    updateManagedFields(maps, first, nullptr, "one", "", kNow);
    Json same = configMap(R"({"a":"1"})");
    updateManagedFields(maps, same, &first, "two", "", kNow + 5s);
    QCOMPARE(serializeJson(same), serializeJson(first));
    Json reset = first; // an empty entry forgets everybody
    setPath(reset, "metadata.managedFields", json("[{}]"));
    updateManagedFields(maps, reset, &first, "two", "", kNow);
    QVERIFY(!findPath(reset, "metadata.managedFields"));
}

void ManagedFieldsTest::sharedAndDropped() {
    const KindDef& maps = kind("v1", "ConfigMap");
    const auto apply = [&](const Json* live, const char* data, const char* manager,
                           bool force = false) {
        Json applied = configMap(data);
        return applyServerSide(maps, live, applied, manager, force, kNow, "");
    };
    const Result<Json> one = apply(nullptr, R"({"a":"1","b":"1"})", "one");
    QVERIFY(one);
    QCOMPARE(managers(*one), std::string(R"(one Apply {"f:data":{"f:a":{},"f:b":{}}})"));
    const Result<Json> shared = apply(&*one, R"({"a":"1"})", "two"); // the same value: no conflict
    QVERIFY(shared);
    const Result<Json> dropped = apply(&*shared, R"({})", "one"); // a stays with two, b goes
    QVERIFY(dropped);
    QCOMPARE(serializeJson(*findPath(*dropped, "data")), std::string(R"({"a":"1"})"));
}

void ManagedFieldsTest::conflicts() {
    const KindDef& maps = kind("v1", "ConfigMap");
    const Result<Json> one =
        applyServerSide(maps, nullptr, configMap(R"({"a":"1","b":"1"})"), "one", false, kNow, "");
    QVERIFY(one);
    const Json wanted = configMap(R"({"a":"2","b":"2"})");
    const Result<Json> refused = applyServerSide(maps, &*one, wanted, "two", false, kNow, "");
    QVERIFY(!refused);
    QCOMPARE(refused.error().httpCode(), 409);
    QCOMPARE(refused.error().message,
             std::string(
                 "Apply failed with 2 conflicts: conflicts with \"one\":\n- .data.a\n- .data.b"));
    QCOMPARE(refused.error().causes.size(), std::size_t{2});
    QCOMPARE(refused.error().causes[0].reason, std::string("FieldManagerConflict"));
    const Result<Json> forced = applyServerSide(maps, &*one, wanted, "two", true, kNow, "");
    QVERIFY(forced);
    QCOMPARE(managers(*forced), std::string(R"(two Apply {"f:data":{"f:a":{},"f:b":{}}})"));
}

void ManagedFieldsTest::lists() {
    const KindDef& templates = kind("v1", "PodTemplate");
    const auto object = [&](const char* containers) {
        return json(
            R"({"apiVersion":"v1","kind":"PodTemplate","metadata":{"name":"t"},"template":{"spec":{"containers":)" +
            std::string(containers) + "}}}");
    };
    const Result<Json> one =
        applyServerSide(templates, nullptr,
                        object(R"([{"name":"web","image":"1","ports":[{"containerPort":80}]}])"),
                        "one", false, kNow, "");
    QVERIFY(one);
    const std::string expected =
        "one Apply {\"f:template\":{\"f:spec\":{\"f:containers\":{"
        "\"k:{\\\"name\\\":\\\"web\\\"}\":{\".\":{},\"f:image\":{},\"f:name\":{},"
        "\"f:ports\":{\"k:{\\\"containerPort\\\":80,\\\"protocol\\\":\\\"TCP\\\"}\":"
        "{\".\":{},\"f:containerPort\":{}}}}}}}}";
    QCOMPARE(managers(*one), expected);
    const Result<Json> two = applyServerSide(
        templates, &*one, object(R"([{"name":"side","image":"1"}])"), "two", false, kNow, "");
    QVERIFY(two);
    QCOMPARE(arrayAt(*two, "template.spec.containers").size(), std::size_t{2});
    const Result<Json> alone =
        applyServerSide(templates, &*two, object("[]"), "one", false, kNow, "");
    QVERIFY(alone);
    QCOMPARE(arrayAt(*alone, "template.spec.containers").size(), std::size_t{1});
    QCOMPARE(std::string(stringAt(arrayAt(*alone, "template.spec.containers")[0], "name")),
             std::string("side"));
}

void ManagedFieldsTest::refusals() {
    const KindDef& maps = kind("v1", "ConfigMap");
    const auto message = [&](const char* object) {
        const Result<Json> result =
            applyServerSide(maps, nullptr, json(object), "m", false, kNow, "");
        return result ? std::string("allowed") : result.error().message;
    };
    QCOMPARE(
        message(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"nothing":1})"),
        std::string("failed to create typed patch object (/c; /v1, Kind=ConfigMap): .nothing: "
                    "field not declared in schema"));
    QCOMPARE(
        message(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":1}})"),
        std::string("failed to create typed patch object (/c; /v1, Kind=ConfigMap): .data.a: "
                    "expected string, got "
                    "&value.valueUnstructured{Value:1}"));
    QCOMPARE(
        message(
            R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","managedFields":[]}})"),
        std::string("metadata.managedFields must be nil"));
    QCOMPARE(message(R"({"apiVersion":"v2","kind":"ConfigMap"})"),
             std::string("invalid object type: /v2, Kind=ConfigMap"));
}

void ManagedFieldsTest::podRow() {
    const KindDef& pods = kind("v1", "Pod");
    const Json pod = json(R"({"metadata":{"name":"p","creationTimestamp":"2026-01-02T03:03:05Z"},
        "spec":{"containers":[{"name":"a"},{"name":"b"}],"nodeName":"n1"},
        "status":{"phase":"Running","podIPs":[{"ip":"10.0.0.9"}],"containerStatuses":[
          {"name":"a","ready":true,"restartCount":1,"state":{"running":{}}},
          {"name":"b","ready":false,"restartCount":6,"state":{"waiting":{"reason":"CrashLoopBackOff"}},
           "lastState":{"terminated":{"finishedAt":"2026-01-02T03:04:00Z"}}}]}})");
    const Json row = tableRow(pods, pod, IncludeObject::None, kNow);
    QCOMPARE(
        serializeJson(*find(row, "cells")),
        std::string(
            R"x(["p","1/2","CrashLoopBackOff","7 (5s ago)","60s","10.0.0.9","n1","<none>","<none>"])x"));
}

void ManagedFieldsTest::composedMessage() {
    const KindDef& deployments = kind("apps/v1", "Deployment");
    const Error error = invalid(deployments, "web",
                                {{"FieldValueRequired", "Required value", "spec.a"},
                                 {"FieldValueRequired", "Required value", "spec.a"},
                                 {"FieldValueInvalid", "Invalid value: -1: x", "spec.b"}});
    QCOMPARE(error.message, std::string("Deployment.apps \"web\" is invalid: [spec.a: Required "
                                        "value, spec.b: Invalid value: -1: x]"));
    QCOMPARE(error.causes.size(), std::size_t{3});
    QCOMPARE(error.httpCode(), 422);
}
ORRERY_TEST(ManagedFieldsTest)
#include "managed_fields_test.moc"
