// Compares with recorded answers of a real server when ORRERY_GOLDEN names their folder.
#include <filesystem>
#include <fstream>

#include "core/api/discovery.h"
#include "core/api/schema.h"
#include "tests/support/test.h"

using namespace orrery;
using namespace orrery::api;

namespace {
std::string folder() { return qEnvironmentVariable("ORRERY_GOLDEN").toStdString(); }

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
                out += at + "." + std::string(key) + " missing, want " + serializeJson(value) + "\n";
        for (const auto& [key, value] : got.get_object())
            if (!find(want, key) && key != "storageVersionHash")
                out += at + "." + std::string(key) + " not expected: " + serializeJson(value) + "\n";
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
            if (!answer || boolAt(exchange, "subset"))
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
    QVERIFY(checked > 500);
    QCOMPARE(static_cast<int>(wrong.size()), 0);
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
