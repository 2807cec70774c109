// Which form an Accept header gets.
#include "core/apiserver/negotiate.h"
#include "core/apiserver/pretty_json.h"
#include "tests/support/test.h"

using namespace orrery;
using namespace orrery::apiserver;

namespace {
std::string told(const Result<Representation>& form) {
    if (!form)
        return form.error().message.substr(0, form.error().message.find('\n'));
    static constexpr const char* kShapes[] = {"", " Table", " Partial", " PartialList"};
    return form->contentType() + kShapes[static_cast<int>(form->shape)] +
           (form->shape == Representation::Shape::Plain ? "" : " " + form->metaVersion) +
           (form->pretty ? " pretty" : "");
}
const char* const kNone = "only the following media types are accepted: application/json, "
                          "application/yaml, application/vnd.kubernetes.protobuf";
const char* const kRouted = "406: Not Acceptable";
} // namespace

class NegotiateTest : public QObject {
    Q_OBJECT
  private slots:
    void resources_data();
    void resources();
    void customResources();
    void representationsOfCollections();
    void discovery();
    void pretty_data();
    void pretty();
    void indents();
};
ORRERY_TEST(NegotiateTest)

void NegotiateTest::resources_data() {
    QTest::addColumn<QString>("accept");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* accept, const char* expected) {
        QTest::newRow(accept) << QString(accept) << QString(expected);
    };
    const char* const json = "application/json";
    const char* const yaml = "application/yaml";
    const char* const protobuf = "application/vnd.kubernetes.protobuf";
    row("", json);
    row("*/*", json);
    row("application/*", kRouted);
    row("text/html", kRouted);
    row("*", kRouted);
    row("Application/JSON", kRouted);
    row("text/html, application/xhtml+xml, image/jxr, */*", json);
    row(protobuf, protobuf);
    row("application/vnd.kubernetes.protobuf,application/json", protobuf);
    row("application/json;q=0.2,application/yaml;q=0.9", yaml);
    row("application/json ; q=0.5 , application/yaml ; q=0.7", yaml);
    // A wildcard comes last whatever its weight; a weight of nothing still counts.
    row("*/*;q=0.9,application/yaml;q=0.1", yaml);
    row("application/yaml;q=0", yaml);
    row("application/json;pretty=1", "application/json pretty");
    row("application/json;foo=bar", json);
    row("application/json;stream=watch", json);
    row("application/yaml;stream=watch", kNone);
    row("application/json;sv=v1", json);
    row("application/json;sv=v2", kNone);
    row("application/json;as=Table;g=meta.k8s.io;v=v1", "application/json Table v1");
    row("application/json;as=Table;g=meta.k8s.io;v=v9,application/json", json);
    row("application/json;as=Table;g=meta.k8s.io;v=v1beta1", "application/json Table v1beta1");
    row("application/yaml;as=Table;g=meta.k8s.io;v=v1", "application/yaml Table v1");
    row("application/vnd.kubernetes.protobuf;as=Table;g=meta.k8s.io;v=v1", kNone);
    row("application/vnd.kubernetes.protobuf;as=Table;g=meta.k8s.io;v=v1,application/json", json);
    row("application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
        "application/vnd.kubernetes.protobuf Partial v1");
    row("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1beta1",
        "application/json PartialList v1beta1");
    row("application/json;as=Chair;g=meta.k8s.io;v=v1", kNone);
    row("application/json;as=Table", kNone);
    row("application/json;v=v1", kNone);
    row("application/json;as=", json);
}

void NegotiateTest::resources() {
    QFETCH(QString, accept);
    QFETCH(QString, expected);
    QCOMPARE(QString::fromStdString(told(negotiate(accept.toStdString(), {true, false, false}))),
             expected);
}

void NegotiateTest::customResources() {
    const Endpoint custom{true, true, false};
    QCOMPARE(told(negotiate("application/vnd.kubernetes.protobuf,application/json", custom)),
             std::string("application/json"));
    QCOMPARE(told(negotiate("application/vnd.kubernetes.protobuf", custom)), std::string(kNone));
    QCOMPARE(told(negotiate("text/html", custom)), std::string(kNone));
    QCOMPARE(told(negotiate(
                 "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
                 custom)),
             std::string("application/vnd.kubernetes.protobuf Partial v1"));
}

void NegotiateTest::representationsOfCollections() {
    const auto offered = [](const Endpoint& endpoint) {
        const Result<Representation> form = negotiate("text/html", endpoint);
        const std::string message = form ? std::string(": ") : form.error().message;
        return message.substr(message.rfind(": ") + 2);
    };
    QCOMPARE(offered({}), std::string("application/json, application/yaml, "
                                      "application/vnd.kubernetes.protobuf"));
    QVERIFY(offered({true, false, false})
                .ends_with("application/json;stream=watch, "
                           "application/vnd.kubernetes.protobuf;stream=watch"));
    QVERIFY(offered({false, false, true}).starts_with("text/plain, application/json"));
    Representation yaml;
    yaml.media = Representation::Media::Yaml;
    QVERIFY(!checkStreamable(yaml));
}

void NegotiateTest::discovery() {
    const std::string aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;"
                                   "as=APIGroupDiscoveryList";
    QVERIFY(negotiateAggregated(aggregated));
    QVERIFY(negotiateAggregated("application/json," + aggregated)); // wherever it stands
    QVERIFY(!negotiateAggregated("application/json"));
    QVERIFY(!negotiateAggregated("application/json;g=apidiscovery.k8s.io;v=v2beta1;"
                                 "as=APIGroupDiscoveryList"));
    QVERIFY(!negotiatePlain(aggregated));
}

void NegotiateTest::pretty_data() {
    QTest::addColumn<QString>("parameter"); // "-": none
    QTest::addColumn<QString>("agent");
    QTest::addColumn<bool>("expected");
    QTest::newRow("asked") << "true"
                           << "kubectl" << true;
    QTest::newRow("asked not") << "0"
                               << "curl/8" << false;
    QTest::newRow("nonsense") << "yes"
                              << "curl/8" << false;
    QTest::newRow("empty") << ""
                           << "curl/8" << true;
    QTest::newRow("browser") << "-"
                             << "Mozilla/5.0 (X11)" << true;
    QTest::newRow("program") << "-"
                             << "kubectl/v1.36" << false;
}

void NegotiateTest::pretty() {
    QFETCH(QString, parameter);
    QFETCH(QString, agent);
    QFETCH(bool, expected);
    const std::string text = parameter.toStdString();
    QCOMPARE(wantsPretty(parameter == "-" ? nullptr : &text, agent.toStdString()), expected);
}

void NegotiateTest::indents() {
    const std::vector<Slice> slices = {Slice::constant(R"({"a":"x\"{,","b":[)"),
                                       Slice::constant(R"(1,{}],"c":{},"d":[],"e":{"f":null}})")};
    QCOMPARE(prettyJson(slices),
             std::string("{\n  \"a\": \"x\\\"{,\",\n  \"b\": [\n    1,\n    {}\n  ],\n"
                         "  \"c\": {},\n  \"d\": [],\n  \"e\": {\n    \"f\": null\n  }\n}"));
}

#include "negotiate_test.moc"
