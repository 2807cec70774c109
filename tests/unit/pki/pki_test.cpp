#include "core/base/base64.h"
#include "core/base/yaml.h"
#include "core/pki/cluster_certificates.h"
#include "core/pki/jwt.h"
#include "core/pki/kubeconfig.h"
#include "core/runtime/sim/sim_env.h"
#include "tests/support/test.h"

using namespace orrery;
using namespace orrery::pki;

class PkiTest : public QObject {
    Q_OBJECT
  private slots:
    void certificatesSayWhoTheyAre();
    void serverCertificateCoversItsHosts();
    void signaturesVerify_data();
    void signaturesVerify();
    void seededWorldRepeats();
    void clusterCertificatesAreKept();
    void clusterCertificatesAreRenewed();
    void brokenFilesAreNamedAndKept();
    void tokensRoundTrip();
    void tokensAreRefused_data();
    void tokensAreRefused();
    void keyIdIsOfThePublicKey();
    void kubeconfigIsMerged();
    void foreignFileIsNotTouched();

  private:
    NoTrace trace_;
};
ORRERY_TEST(PkiTest)

namespace {

template <typename T> T must(Result<T> result) {
    if (!result)
        qFatal("%s", result.error().message.c_str());
    return std::move(*result);
}

ServiceAccountClaims someClaims(Time now) {
    ServiceAccountClaims claims;
    claims.namespace_ = "shop";
    claims.serviceAccount = {"robot", "u1"};
    claims.pod = {{"web-1", "u2"}};
    claims.node = {{"w1", "u3"}};
    claims.audiences = {std::string(kServiceAccountIssuer)};
    claims.id = "j1";
    claims.issuedAt = claims.notBefore = now;
    claims.expiresAt = now + 1h;
    claims.warnAfter = now + 30min;
    return claims;
}

} // namespace

void PkiTest::certificatesSayWhoTheyAre() {
    SimEnv world(1, trace_);
    const KeyPair ca = must(makeAuthority(world.env(), KeySource::System));
    const CertificateInfo authority = must(parseCertificate(ca.certificatePem));
    QCOMPARE(authority.commonName, std::string("orrery-ca"));
    QVERIFY(authority.authority);
    QCOMPARE(formatTime(authority.notBefore), std::string("2025-12-31T23:00:00Z"));
    QCOMPARE(formatTime(authority.notAfter), std::string("2035-12-30T00:00:00Z"));

    const KeyPair user = must(makeClientCertificate(world.env(), ca, "ada",
                                                    {"system:masters", "dev"}, KeySource::System));
    const CertificateInfo info = must(parseCertificate(user.certificatePem));
    QCOMPARE(info.commonName, std::string("ada"));
    QCOMPARE(info.organizations, (std::vector<std::string>{"system:masters", "dev"}));
    QCOMPARE(info.sha256Hex.size(), std::size_t(64));
    QVERIFY(!info.authority);
    QVERIFY(certificateHasKey(user.certificatePem, user.keyPem));
    QVERIFY(!certificateHasKey(user.certificatePem, ca.keyPem));
    QVERIFY(certificateSignedBy(user.certificatePem, ca.certificatePem));
    const KeyPair other = must(makeAuthority(world.env(), KeySource::System));
    QVERIFY(!certificateSignedBy(user.certificatePem, other.certificatePem));
    QVERIFY(!parseCertificate("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"));
}

void PkiTest::serverCertificateCoversItsHosts() {
    SimEnv world(1, trace_);
    const KeyPair ca = must(makeAuthority(world.env(), KeySource::System));
    const std::string pem =
        must(makeServerCertificate(world.env(), ca, {"desk.example", "192.168.1.7", "localhost"},
                                   KeySource::System))
            .certificatePem;
    for (const char* host : {"localhost", "127.0.0.1", "::1", "kubernetes", "kubernetes.default",
                             "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
                             "10.96.0.1", "desk.example", "192.168.1.7"})
        QVERIFY2(certificateCovers(pem, host), host);
    for (const char* host : {"example", "10.96.0.2", "", "desk.example.org"})
        QVERIFY2(!certificateCovers(pem, host), host);
    const CertificateInfo info = must(parseCertificate(pem));
    QCOMPARE(std::count(info.dnsNames.begin(), info.dnsNames.end(), "localhost"), 1);
    QCOMPARE(info.ipAddresses, (std::vector<std::string>{"127.0.0.1", "0:0:0:0:0:0:0:1",
                                                         "10.96.0.1", "192.168.1.7"}));
}

void PkiTest::signaturesVerify_data() {
    QTest::addColumn<bool>("seeded");
    QTest::newRow("system") << false;
    QTest::newRow("seeded") << true;
}

void PkiTest::signaturesVerify() {
    QFETCH(bool, seeded);
    SimEnv world(3, trace_);
    const KeySource source = seeded ? KeySource::Seeded : KeySource::System;
    for (int round = 0; round < 20; ++round) {
        const EcKey key = must(EcKey::generate(world.env().random, source));
        const std::string text = "message " + std::to_string(round);
        std::string signature = must(key.sign(text));
        QCOMPARE(signature.size(), std::size_t(64));
        QVERIFY(key.verify(text, signature));
        QVERIFY(!key.verify(text + "!", signature));
        signature[10] = static_cast<char>(signature[10] ^ 1);
        QVERIFY(!key.verify(text, signature));
        const EcKey again = must(EcKey::fromPem(key.privatePem(), source));
        QCOMPARE(again.publicDer(), key.publicDer());
        QCOMPARE(must(again.sign(text)) == must(key.sign(text)), seeded);
    }
}

void PkiTest::seededWorldRepeats() {
    SimEnv first(7, trace_), second(7, trace_), third(8, trace_);
    const ClusterCertificates a = must(ensureClusterCertificates(first.env(), "", "10.0.0.1"));
    const ClusterCertificates b = must(ensureClusterCertificates(second.env(), "", "10.0.0.1"));
    const ClusterCertificates c = must(ensureClusterCertificates(third.env(), "", "10.0.0.1"));
    QCOMPARE(a.caPem, b.caPem);
    QCOMPARE(a.serverPem, b.serverPem);
    QCOMPARE(a.adminPem, b.adminPem);
    QCOMPARE(a.serviceAccountKeyPem, b.serviceAccountKeyPem);
    QVERIFY(a.caPem != c.caPem);
    QVERIFY(certificateSignedBy(a.caPem, a.caPem));
    QVERIFY(certificateSignedBy(a.serverPem, a.caPem));
    QVERIFY(certificateCovers(a.serverPem, "10.0.0.1"));
}

void PkiTest::clusterCertificatesAreKept() {
    SimEnv world(1, trace_);
    const ClusterCertificates made =
        must(ensureClusterCertificates(world.env(), "/d", "127.0.0.1"));
    QVERIFY(made.made);
    const CertificateInfo admin = must(parseCertificate(made.adminPem));
    QCOMPARE(admin.commonName, std::string("kubernetes-admin"));
    QCOMPARE(admin.organizations, std::vector<std::string>{"system:masters"});
    world.advance(std::chrono::hours(24));
    const ClusterCertificates read =
        must(ensureClusterCertificates(world.env(), "/d", "127.0.0.1"));
    QVERIFY(!read.made);
    QCOMPARE(read.caPem, made.caPem);
    QCOMPARE(read.serverKeyPem, made.serverKeyPem);
    QCOMPARE(read.adminPem, made.adminPem);
    QCOMPARE(read.serviceAccountKeyPem, made.serviceAccountKeyPem);
}

void PkiTest::clusterCertificatesAreRenewed() {
    SimEnv world(1, trace_);
    const ClusterCertificates made =
        must(ensureClusterCertificates(world.env(), "/d", "127.0.0.1"));
    const ClusterCertificates moved = must(ensureClusterCertificates(world.env(), "/d", "desk"));
    QVERIFY(moved.made);
    QVERIFY(moved.serverPem != made.serverPem);
    QVERIFY(certificateCovers(moved.serverPem, "desk"));
    QCOMPARE(moved.caPem, made.caPem);
    QCOMPARE(moved.adminPem, made.adminPem);

    world.advance(std::chrono::hours(24 * 340));
    const ClusterCertificates later = must(ensureClusterCertificates(world.env(), "/d", "desk"));
    QVERIFY(later.adminPem != made.adminPem);
    QVERIFY(certificateSignedBy(later.adminPem, made.caPem));
    QCOMPARE(later.caPem, made.caPem);
    QCOMPARE(later.serviceAccountKeyPem, made.serviceAccountKeyPem);

    world.advance(std::chrono::hours(24 * 3300));
    const ClusterCertificates last = must(ensureClusterCertificates(world.env(), "/d", "desk"));
    QVERIFY(last.caPem != made.caPem);
    QCOMPARE(last.caKeyPem, made.caKeyPem);
    QVERIFY(certificateSignedBy(last.serverPem, last.caPem));
}

void PkiTest::brokenFilesAreNamedAndKept() {
    SimEnv world(1, trace_);
    must(ensureClusterCertificates(world.env(), "/d", ""));
    for (const char* file : {"/d/pki/ca.crt", "/d/pki/ca.key", "/d/pki/sa.key"}) {
        const std::string right = must(world.env().files.read(file));
        QVERIFY(world.env().files.write(file, "what is this", true));
        const auto result = ensureClusterCertificates(world.env(), "/d", "");
        QVERIFY(!result);
        QVERIFY2(result.error().message.find(file) != std::string::npos,
                 result.error().message.c_str());
        QCOMPARE(must(world.env().files.read(file)), std::string("what is this"));
        QVERIFY(world.env().files.write(file, right, true));
    }
    QVERIFY(ensureClusterCertificates(world.env(), "/d", ""));
}

void PkiTest::tokensRoundTrip() {
    SimEnv world(1, trace_);
    const EcKey key = must(EcKey::generate(world.env().random, KeySource::System));
    const ServiceAccountTokens tokens = must(ServiceAccountTokens::load(key.privatePem()));
    const Time now = world.env().now();
    const std::string token = must(tokens.sign(someClaims(now)));
    const std::string body = token.substr(token.find('.') + 1);
    QCOMPARE(must(fromBase64Url(body.substr(0, body.find('.')))),
             std::string(R"({"aud":["https://kubernetes.default.svc.cluster.local"],)"
                         R"("exp":1767229200,"iat":1767225600,)"
                         R"("iss":"https://kubernetes.default.svc.cluster.local","jti":"j1",)"
                         R"("kubernetes.io":{"namespace":"shop","node":{"name":"w1","uid":"u3"},)"
                         R"("pod":{"name":"web-1","uid":"u2"},)"
                         R"("serviceaccount":{"name":"robot","uid":"u1"},"warnafter":1767227400},)"
                         R"("nbf":1767225600,"sub":"system:serviceaccount:shop:robot"})"));
    const ServiceAccountClaims read = must(tokens.verify(token, now + 1min));
    QCOMPARE(read.userName(), std::string("system:serviceaccount:shop:robot"));
    QCOMPARE(read.serviceAccount.uid, std::string("u1"));
    QCOMPARE(read.pod->name, std::string("web-1"));
    QCOMPARE(read.node->uid, std::string("u3"));
    QVERIFY(!read.secret);
    QCOMPARE(*read.warnAfter, now + 30min);
    QCOMPARE(read.audiences.size(), std::size_t(1));
}

void PkiTest::tokensAreRefused_data() {
    QTest::addColumn<QString>("change");
    QTest::addColumn<QString>("message");
    QTest::newRow("none of ours") << "nonsense"
                                  << "invalid bearer token";
    QTest::newRow("two dots of nothing") << ".."
                                         << "invalid bearer token";
    QTest::newRow("expired") << "later"
                             << "service account token has expired";
    QTest::newRow("early") << "early"
                           << "service account token is not valid yet";
    QTest::newRow("other key") << "key"
                               << "failed to validate token signature";
    QTest::newRow("no algorithm") << "none"
                                  << "failed to validate token signature";
}

void PkiTest::tokensAreRefused() {
    QFETCH(QString, change);
    QFETCH(QString, message);
    SimEnv world(1, trace_);
    const auto load = [&] {
        return must(ServiceAccountTokens::load(
            must(EcKey::generate(world.env().random, KeySource::System)).privatePem()));
    };
    const ServiceAccountTokens tokens = load();
    Time now = world.env().now();
    std::string token = must(tokens.sign(someClaims(now)));
    if (change == "later")
        now += 2h;
    else if (change == "early")
        now -= 1min;
    else if (change == "key")
        token = must(load().sign(someClaims(now)));
    else if (change == "none")
        token = base64Url(R"({"alg":"none"})") + token.substr(token.find('.'));
    else
        token = change.toStdString();
    const auto result = tokens.verify(token, now);
    QVERIFY(!result);
    QCOMPARE(QString::fromStdString(result.error().message), message);
}

void PkiTest::keyIdIsOfThePublicKey() {
    SimEnv world(1, trace_);
    const EcKey key = must(EcKey::generate(world.env().random, KeySource::System));
    const ServiceAccountTokens tokens = must(ServiceAccountTokens::load(key.privatePem()));
    QCOMPARE(tokens.keyId(), base64Url(sha256(key.publicDer())));
    const Json set = tokens.keySet();
    const Json& first = set.at("keys").at(0);
    QCOMPARE(stringAt(first, "kid"), std::string_view(tokens.keyId()));
    QCOMPARE(must(fromBase64Url(stringAt(first, "x"))) + must(fromBase64Url(stringAt(first, "y"))),
             key.publicPoint());
}

void PkiTest::kubeconfigIsMerged() {
    SimEnv world(1, trace_);
    Env& env = world.env();
    const std::string before = "apiVersion: v1\nkind: Config\ncurrent-context: work\n"
                               "clusters:\n- name: work\n  cluster: {server: 'https://work'}\n"
                               "- name: orrery\n  cluster: {server: 'https://old'}\n"
                               "contexts:\n- name: work\n  context: {cluster: work, user: me}\n"
                               "users:\n- name: kubernetes-admin\n  user: {token: t}\n"
                               "extra: kept\n";
    QVERIFY(env.files.write("/home/config", before));
    const KubeconfigEntry entry{"https://127.0.0.1:6443", "CA", "CERT", "KEY"};
    QVERIFY(mergeKubeconfig(env, "/home/config", entry));
    const Json merged = must(parseYaml(must(env.files.read("/home/config")))).front().value;
    QCOMPARE(stringAt(merged, "current-context"), std::string_view("orrery"));
    QCOMPARE(stringAt(merged, "extra"), std::string_view("kept"));
    QCOMPARE(arrayAt(merged, "clusters").size(), std::size_t(2));
    QCOMPARE(stringAt(merged.at("clusters").at(0), "cluster.server"),
             std::string_view("https://work"));
    QCOMPARE(stringAt(merged.at("clusters").at(1), "cluster.server"),
             std::string_view("https://127.0.0.1:6443"));
    QCOMPARE(stringAt(merged.at("users").at(0), "user.token"), std::string_view("t"));
    QCOMPARE(stringAt(merged.at("users").at(1), "user.client-key-data"), std::string_view("S0VZ"));
    QCOMPARE(stringAt(merged.at("contexts").at(1), "context.user"),
             stringAt(merged.at("users").at(1), "name"));
    const std::string once = must(env.files.read("/home/config"));
    QVERIFY(mergeKubeconfig(env, "/home/config", entry));
    QCOMPARE(must(env.files.read("/home/config")), once);

    QVERIFY(writeKubeconfig(env, "/out/admin.kubeconfig", entry));
    const Json own = must(parseYaml(must(env.files.read("/out/admin.kubeconfig")))).front().value;
    QCOMPARE(stringAt(own.at("users").at(0), "name"), std::string_view("kubernetes-admin"));
    QCOMPARE(stringAt(own.at("contexts").at(0), "name"), std::string_view("orrery"));
}

void PkiTest::foreignFileIsNotTouched() {
    SimEnv world(1, trace_);
    Env& env = world.env();
    for (const char* text : {"just words", "a: [1\n", "- 1\n", "a: 1\n---\nb: 2\n"}) {
        QVERIFY(env.files.write("/config", text));
        const Result<void> result = mergeKubeconfig(env, "/config", {"https://x", "a", "b", "c"});
        QVERIFY2(!result, text);
        QVERIFY(result.error().message.find("/config") != std::string::npos);
        QCOMPARE(must(env.files.read("/config")), std::string(text));
    }
}

#include "pki_test.moc"
