// Compares with recorded answers of a real server when ORRERY_GOLDEN names their folder.
#include <filesystem>
#include <fstream>

#include "core/api/defaults.h"
#include "core/api/discovery.h"
#include "core/api/object.h"
#include "core/api/schema.h"
#include "tests/support/test.h"

using namespace orrery;
using namespace orrery::api;

namespace {
std::string folder() {
    return qEnvironmentVariable("ORRERY_GOLDEN").toStdString();
}

std::vector<Json> exchanges(const std::filesystem::path& file) {
    std::vector<Json> result;
    std::ifstream stream(file);
    for (std::string line; std::getline(stream, line);) {
        Result<Json> parsed = parseJson(line);
        if (parsed)
            result.push_back(std::move(*parsed));
    }
    return result;
}

// Recordings have marks in place of times.
void fillMarks(Json& value) {
    if (auto* object = value.if_object())
        for (auto& each : *object)
            fillMarks(each.value());
    else if (auto* array = value.if_array())
        for (Json& each : *array)
            fillMarks(each);
    else if (asString(value) == "<time>")
        value = "2026-01-02T03:04:05Z";
    else if (asString(value) == "<port>")
        value = 30000;
}

// Both spellings of a time count as one.
void flattenTimes(Json& value) {
    if (auto* object = value.if_object())
        for (auto& each : *object)
            flattenTimes(each.value());
    else if (auto* array = value.if_array())
        for (Json& each : *array)
            flattenTimes(each);
    else if (asString(value) == "2026-01-02T03:04:05.000000Z")
        value = "2026-01-02T03:04:05Z";
}

void difference(const Json& want, const Json& got, const std::string& at, std::string& out) {
    if (want.is_object() && got.is_object()) {
        for (const auto& [key, value] : want.get_object())
            if (const Json* other = find(got, key))
                difference(value, *other, at + "." + std::string(key), out);
            else
                out +=
                    at + "." + std::string(key) + " missing, want " + serializeJson(value) + "\n";
        for (const auto& [key, value] : got.get_object())
            if (!find(want, key) && key != "storageVersionHash")
                out +=
                    at + "." + std::string(key) + " not expected: " + serializeJson(value) + "\n";
    } else if (want.is_array() && got.is_array() &&
               want.get_array().size() == got.get_array().size()) {
        for (std::size_t i = 0; i < want.get_array().size(); ++i)
            difference(want.get_array()[i], got.get_array()[i], at + "[" + std::to_string(i) + "]",
                       out);
    } else if (want != got) {
        out += at + " want " + serializeJson(want) + " got " + serializeJson(got) + "\n";
    }
}
} // namespace

class GoldenObjectsTest : public QObject {
    Q_OBJECT
  private slots:
    void initTestCase() {
        if (folder().empty())
            QSKIP("ORRERY_GOLDEN is not set");
    }
    void answersAreNormalAlready();
    void creationsAreDefaulted();
    void autoscalerVersions();
    void discovery();
};

void GoldenObjectsTest::answersAreNormalAlready() {
    const KindRegistry kinds;
    int checked = 0;
    std::set<std::string> wrong;
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder())) {
        if (file.path().extension() != ".jsonl")
            continue;
        for (Json& exchange : exchanges(file.path())) {
            Json* answer = find(exchange, "answer");
            if (!answer || boolAt(exchange, "subset") || !arrayAt(exchange, "ignore").empty())
                continue;
            const KindDef* kind =
                kinds.bodyKind(stringAt(*answer, "apiVersion"), stringAt(*answer, "kind"));
            if (!kind || kind->kind == "Status")
                continue;
            fillMarks(*answer);
            Json got = *answer;
            NormaliseReport report;
            normalise(*Schema::builtIn().find(kind->schema), got, report);
            flattenTimes(got);
            std::string out = report.error.empty() ? "" : report.error + "\n";
            for (const std::string& path : report.unknownFields)
                out += "unknown " + path + "\n";
            difference(*answer, got, kind->kind, out);
            if (!out.empty())
                wrong.insert(out.substr(0, 400));
            ++checked;
        }
    }
    for (const std::string& each : wrong)
        qWarning("%s", each.c_str());
    QVERIFY2(checked > 150, std::to_string(checked).c_str());
    QCOMPARE(static_cast<int>(wrong.size()), 0);
}

namespace {
// What admission, allocation and the generic write steps add: not this library's.
void dropOthersParts(Json& object) {
    for (const char* path : {"metadata.managedFields",
                             "metadata.resourceVersion",
                             "metadata.finalizers",
                             "metadata.name",
                             "metadata.namespace",
                             "metadata.generateName",
                             "metadata.uid",
                             "metadata.creationTimestamp",
                             "metadata.selfLink",
                             "metadata.deletionTimestamp",
                             "metadata.deletionGracePeriodSeconds",
                             "spec.clusterIP",
                             "spec.clusterIPs",
                             "spec.ipFamilies",
                             "spec.ipFamilyPolicy",
                             "spec.healthCheckNodePort",
                             "spec.serviceAccountName",
                             "spec.serviceAccount",
                             "spec.tolerations",
                             "spec.priority",
                             "spec.preemptionPolicy",
                             "spec.taints",
                             "spec.priorityClassName",
                             "spec.nodeSelector",
                             "spec.overhead",
                             "spec.username",
                             "spec.groups",
                             "spec.uid",
                             "spec.extra",
                             "spec.storageClassName",
                             "spec.ingressClassName"})
        removePath(object, path);
    if (stringAt(object, "kind") != "Pod" && stringAt(object, "kind") != "Service")
        return;
    removePath(object, "spec.volumes");
    Json* spec = find(object, "spec");
    for (const char* list : {"containers", "initContainers", "ports"})
        if (Json* items = spec ? find(*spec, list) : nullptr; items && items->is_array())
            for (Json& item : items->get_array())
                for (const char* part : {"volumeMounts", "nodePort"})
                    removePath(item, part);
}

// The kind of a collection that is posted to; nullptr for anything else.
const KindDef* postedKind(const KindRegistry& kinds, std::string path) {
    path = path.substr(0, path.find('?'));
    std::vector<std::string> parts;
    for (std::size_t at = 1; at <= path.size();) {
        const std::size_t slash = std::min(path.find('/', at), path.size());
        parts.push_back(path.substr(at, slash - at));
        at = slash + 1;
    }
    const std::size_t head = !parts.empty() && parts[0] == "api" ? 2 : 3;
    if (parts.size() != head + 1 && parts.size() != head + 3)
        return nullptr;
    return kinds.byResource(head == 2 ? "" : parts[1], parts[head - 1], parts.back());
}
} // namespace

void GoldenObjectsTest::creationsAreDefaulted() {
    const KindRegistry kinds;
    int checked = 0;
    std::set<std::string> wrong;
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder() + "/kinds")) {
        for (Json& exchange : exchanges(file.path())) {
            Json* answer = find(exchange, "answer");
            Json* body = find(exchange, "body");
            if (!answer || !answer->is_object() || !body ||
                stringAt(exchange, "method") != "POST" || intAt(exchange, "status") != 201)
                continue;
            const KindDef* kind = postedKind(kinds, std::string(stringAt(exchange, "path")));
            if (!body->is_object() || !kind || kind->verbs.size() < 5 ||
                stringAt(*answer, "kind") != kind->kind)
                continue;
            Result<Decoded> got = decodeObject(*kind, *body, FieldValidation::Ignore);
            QVERIFY2(got.has_value(), got ? "" : got.error().message.c_str());
            ensurePath(got->object, "metadata.uid") = "<uid>";
            ensurePath(got->object, "metadata.creationTimestamp") = "<time>";
            applyDefaults(*kind, got->object);
            prepareForCreate(*kind, got->object);
            Json once = got->object;
            applyDefaults(*kind, once);
            std::string out;
            difference(got->object, once, "defaulting again: " + kind->kind, out);
            dropOthersParts(got->object);
            dropOthersParts(*answer);
            difference(*answer, got->object, file.path().filename().string() + " " + kind->kind,
                       out);
            if (!out.empty())
                wrong.insert(out.substr(0, 600));
            ++checked;
        }
    }
    for (const std::string& each : wrong)
        qWarning("%s", each.c_str());
    QVERIFY(checked > 100);
    QCOMPARE(static_cast<int>(wrong.size()), 0);
}

// The recorded case reads each stored object in the other version.
void GoldenObjectsTest::autoscalerVersions() {
    const KindRegistry kinds;
    const KindDef& v1 = *kinds.byKind("autoscaling", "v1", "HorizontalPodAutoscaler");
    const KindDef& v2 = *kinds.byKind("autoscaling", "v2", "HorizontalPodAutoscaler");
    std::map<std::string, Json> created; // in version 2, by name
    int checked = 0;
    for (Json& exchange : exchanges(folder() + "/kinds/k-hpa-versions.jsonl")) {
        const Json* body = find(exchange, "body");
        if (stringAt(exchange, "method") == "POST" && stringAt(*body, "kind") == v1.kind) {
            const KindDef& kind = stringAt(*body, "apiVersion") == "autoscaling/v1" ? v1 : v2;
            Result<Decoded> made = decodeObject(kind, *body, FieldValidation::Ignore);
            QVERIFY(made.has_value());
            applyDefaults(kind, made->object);
            prepareForCreate(kind, made->object);
            Json stored = convertVersion(kind, v2, std::move(made->object));
            applyDefaults(v2, stored);
            created[std::string(stringAt(stored, "metadata.name"))] = std::move(stored);
        } else if (Json* answer = find(exchange, "answer");
                   answer && answer->is_object() && stringAt(exchange, "method") == "GET" &&
                   created.contains(std::string(stringAt(*answer, "metadata.name")))) {
            const KindDef& kind = stringAt(*answer, "apiVersion") == "autoscaling/v1" ? v1 : v2;
            Json got =
                convertVersion(v2, kind, created[std::string(stringAt(*answer, "metadata.name"))]);
            const Json back = convertVersion(kind, v2, got);
            QVERIFY(
                *findPath(back, "spec.metrics") ==
                *findPath(created[std::string(stringAt(back, "metadata.name"))], "spec.metrics"));
            dropOthersParts(got);
            dropOthersParts(*answer);
            std::string out;
            difference(*answer, got, kind.version, out);
            QVERIFY2(out.empty(), out.c_str());
            ++checked;
        }
    }
    QVERIFY(checked >= 3);
}

void GoldenObjectsTest::discovery() {
    const KindRegistry kinds;
    const std::filesystem::path protocol = std::filesystem::path(folder()) / "protocol";
    int checked = 0;
    for (const char* name : {"discovery-legacy.jsonl", "discovery-aggregated.jsonl"}) {
        for (const Json& exchange : exchanges(protocol / name)) {
            const Json* answer = find(exchange, "answer");
            if (!answer)
                continue;
            const std::string path(stringAt(exchange, "path"));
            Json got;
            if (find(exchange, "headers"))
                got = aggregatedDiscovery(kinds, path == "/api");
            else if (path == "/api")
                got = legacyCoreVersions("127.0.0.1:7443");
            else if (path == "/apis")
                got = groupList(kinds);
            else if (path == "/api/v1")
                got = resourceList(kinds, "", "v1");
            else if (const std::size_t slash = path.find('/', 6); slash != std::string::npos)
                got = resourceList(kinds, path.substr(6, slash - 6), path.substr(slash + 1));
            else
                got = groupDocument(kinds, path.substr(6));
            if (intAt(exchange, "status") != 200)
                continue;
            std::string out;
            difference(*answer, got, path, out);
            QVERIFY2(out.empty(), out.substr(0, 1000).c_str());
            ++checked;
        }
    }
    QVERIFY(checked > 20);
}

ORRERY_TEST(GoldenObjectsTest)
#include "golden_objects_test.moc"
