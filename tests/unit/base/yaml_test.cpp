#include "core/base/names.h"
#include "core/base/yaml.h"
#include "tests/support/test.h"

using namespace orrery;

class YamlTest : public QObject {
    Q_OBJECT
    static std::string asJson(std::string_view yaml) {
        const Result<std::vector<YamlDocument>> documents = parseYaml(yaml);
        if (!documents)
            return "error: " + documents.error().message;
        std::string out;
        for (const YamlDocument& document : *documents)
            out += std::to_string(document.line) + serializeJson(document.value);
        return out;
    }
  private slots:
    void scalars() {
        QCOMPARE(
            asJson("a: 1\nb: '1'\nc: yes\nd: ~\ne: 0x1f\nf: 1.5\ng: 010\nh: text\ni: \"no\"\nj: "
                   "1_000"),
            std::string(
                R"(1{"a":1,"b":"1","c":true,"d":null,"e":31,"f":1.5E0,"g":8,"h":"text","i":"no","j":1000})"));
    }
    void documents() {
        QCOMPARE(asJson("---\n---\na: 1\n---\n- b\n"), std::string("3{\"a\":1}5[\"b\"]"));
        QCOMPARE(asJson(""), std::string(""));
        QCOMPARE(asJson("{\"a\": [1, {\"b\": null}]}"), std::string("1{\"a\":[1,{\"b\":null}]}"));
    }
    void anchors() {
        QCOMPARE(asJson("a: &x {k: 1}\nb: *x\nc:\n  <<: *x\n  d: 2"),
                 std::string(R"(1{"a":{"k":1},"b":{"k":1},"c":{"k":1,"d":2}})"));
    }
    void errorsNameThePlace() {
        QVERIFY2(asJson("a: 1\n  b: 2").starts_with("error: line 2"),
                 asJson("a: 1\n  b: 2").c_str());
        QCOMPARE(asJson("a: 1\na: 2"),
                 std::string("error: line 2, column 1: key \"a\" already set in map"));
    }
    void aliasBombIsRefused() {
        std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
        for (int i = 1; i < 10; ++i) {
            const std::string before = "*a" + std::to_string(i - 1);
            bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
            for (int n = 0; n < 9; ++n)
                bomb += "," + before;
            bomb += "]\n";
        }
        QVERIFY(asJson(bomb).ends_with("too many values"));
    }
    void roundTrip() {
        const char* texts[] = {
            R"({"a":[{"b":1,"c":[]},{"d":{}}],"e":"yes","f":"","g":"a: b","h":"line one\nline two\n","i":"- x"})",
            R"(["x",["y","z"],{"k":"12"},null,true,1.5E0,"#no","tab\there","-1"])",
        };
        for (const char* text : texts) {
            const std::string yaml = emitYaml(*parseJson(text));
            QCOMPARE(asJson(yaml), "1" + std::string(text));
        }
    }
    void looksLikeKubectl() {
        QCOMPARE(emitYaml(*parseJson(R"({"b":[{"name":"x","v":"1"}],"a":{"k":true}})")),
                 std::string("a:\n  k: true\nb:\n- name: x\n  v: \"1\"\n"));
    }
    void jsonErrorsNameThePlace() {
        QCOMPARE(parseJson("{\"a\":\n 1,}").error().message.substr(0, 33),
                 std::string("invalid JSON at line 2, column 4:"));
        QVERIFY(!parseJson("{} x"));
        QVERIFY(!parseJson("{\"a\":1"));
        QVERIFY(!parseJson(std::string(300, '[')));
    }
    void names() {
        QVERIFY(checkDns1123Label("web-1").empty());
        QVERIFY(!checkDns1123Label("Web").empty());
        QVERIFY(!checkDns1123Label(std::string(64, 'a')).empty());
        QVERIFY(checkDns1123Subdomain("a.b-c.d").empty());
        QVERIFY(!checkDns1123Subdomain("a..b").empty());
        QVERIFY(!checkDns1035Label("1a").empty());
        QVERIFY(checkQualifiedName("example.com/My_name.x").empty());
        QVERIFY(!checkQualifiedName("/x").empty());
        QVERIFY(checkLabelValue("").empty());
        QVERIFY(!checkLabelValue("-x").empty());
    }
};
ORRERY_TEST(YamlTest)
#include "yaml_test.moc"
