// The HTTPS port over loopback: framing, limits, slow and rude callers, certificates.
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "core/apiserver/http/http_server.h"
#include "core/pki/certificates.h"
#include "core/runtime/real/real_env.h"
#include "core/trace/trace.h"
#include "tests/support/test.h"

using namespace orrery;
using namespace orrery::apiserver;

namespace {
// A TLS connection that says exactly what it is told.
class Caller {
  public:
    Caller(int port, const pki::KeyPair* identity = nullptr) {
        context_ = SSL_CTX_new(TLS_client_method());
        if (identity)
            use(*identity);
        handle_ = ::socket(AF_INET, SOCK_STREAM, 0);
        const timeval patience{10, 0};
        ::setsockopt(handle_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(static_cast<std::uint16_t>(port));
        ::inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
        connected_ = ::connect(handle_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
        ssl_ = SSL_new(context_);
        SSL_set_fd(ssl_, handle_);
        connected_ = connected_ && SSL_connect(ssl_) == 1;
    }
    ~Caller() {
        SSL_free(ssl_);
        ::close(handle_);
        SSL_CTX_free(context_);
    }
    bool connected() const { return connected_; }
    bool say(std::string_view text) {
        return SSL_write(ssl_, text.data(), static_cast<int>(text.size())) ==
               static_cast<int>(text.size());
    }
    // Everything up to one whole answer; what came before the end of the connection otherwise.
    std::string hear() {
        for (;;) {
            const std::size_t head = heard_.find("\r\n\r\n");
            const std::size_t length = heard_.find("Content-Length: ");
            if (head != std::string::npos && length < head) {
                const std::size_t size = head + 4 + std::stoul(heard_.substr(length + 16));
                if (heard_.size() >= size) {
                    const std::string one = heard_.substr(0, size);
                    heard_.erase(0, size);
                    return one;
                }
            }
            if (!more())
                return std::exchange(heard_, {});
        }
    }
    std::string hearUntil(const std::string& text) {
        while (heard_.find(text) == std::string::npos && more()) {
        }
        return heard_;
    }
    // True when the other side ended the connection.
    bool ended() {
        while (more()) {
        }
        return true;
    }

  private:
    bool more() {
        char bytes[16384];
        const int got = SSL_read(ssl_, bytes, sizeof bytes);
        if (got > 0)
            heard_.append(bytes, static_cast<std::size_t>(got));
        return got > 0;
    }
    void use(const pki::KeyPair& identity) {
        BIO* certificate = BIO_new_mem_buf(identity.certificatePem.data(), -1);
        X509* parsed = PEM_read_bio_X509(certificate, nullptr, nullptr, nullptr);
        SSL_CTX_use_certificate(context_, parsed);
        X509_free(parsed);
        BIO_free(certificate);
        BIO* key = BIO_new_mem_buf(identity.keyPem.data(), -1);
        EVP_PKEY* read = PEM_read_bio_PrivateKey(key, nullptr, nullptr, nullptr);
        SSL_CTX_use_PrivateKey(context_, read);
        EVP_PKEY_free(read);
        BIO_free(key);
    }
    SSL_CTX* context_ = nullptr;
    SSL* ssl_ = nullptr;
    int handle_ = -1;
    bool connected_ = false;
    std::string heard_;
};

HttpLimits smallLimits() {
    HttpLimits limits;
    limits.headerBytesMax = 4096;
    limits.bodyBytesMax = 100'000;
    limits.requestSecondsMax = 1;
    limits.handshakeSecondsMax = 1;
    limits.connectionsMax = 50;
    return limits;
}

// A server that tells what it was asked; /stream keeps its answer open, /big is 4 MB.
class Served {
  public:
    explicit Served(HttpLimits limits = smallLimits()) : real_(trace_) {
        real_.start();
        Env& env = real_.env();
        real_.runAndWait([&] {
            authority = *pki::makeAuthority(env, pki::KeySource::System);
            const pki::KeyPair own =
                *pki::makeServerCertificate(env, authority, {"127.0.0.1"}, pki::KeySource::System);
            auto socket = std::move(*env.network.listen("127.0.0.1", 0));
            port = socket->port();
            auto started = HttpServer::start(
                env, std::move(socket), {own.certificatePem, own.keyPem, authority.certificatePem},
                [this](HttpRequest request, HttpAnswerPtr answer) {
                    serve(std::move(request), std::move(answer));
                },
                limits);
            if (!started)
                qFatal("%s", started.error().message.c_str());
            server = std::move(*started);
        });
    }
    ~Served() {
        real_.runAndWait([&] {
            stream.reset();
            server.reset();
        });
        real_.stop();
    }
    pki::KeyPair identity(const pki::KeyPair& by, const std::string& name) {
        pki::KeyPair out;
        real_.runAndWait([&] {
            out = *pki::makeClientCertificate(real_.env(), by, name, {"g1", "g2"},
                                              pki::KeySource::System);
        });
        return out;
    }
    pki::KeyPair stranger() {
        pki::KeyPair out;
        real_.runAndWait([&] { out = *pki::makeAuthority(real_.env(), pki::KeySource::System); });
        return out;
    }
    void onPlane(Task task) { real_.runAndWait(std::move(task)); }

    int port = 0;
    pki::KeyPair authority;
    std::unique_ptr<HttpServer> server;
    std::unique_ptr<HttpStream> stream;
    std::atomic<int> closed{0};

  private:
    void serve(HttpRequest request, HttpAnswerPtr answer) {
        if (request.target == "/stream") {
            stream = answer->stream(200, {}, [this] { ++closed; });
            return stream->write({Slice::constant("hello\n")});
        }
        if (request.target == "/forgotten")
            return;
        HttpResponse response;
        if (request.target == "/big") {
            const auto part = std::make_shared<const std::string>(4096, 'x');
            for (int i = 0; i < 1000; ++i)
                response.body.push_back({part, *part});
            return answer->send(std::move(response));
        }
        response.body.push_back(Slice::own(
            request.method + " " + request.target + " " + std::to_string(request.body.size()) +
            (request.json ? request.json->has_value() ? " json" : " broken" : "") +
            (request.credentials.certificateCommonName
                 ? " " + *request.credentials.certificateCommonName
                 : "") +
            (request.credentials.certificateOrganizations.size() == 2 ? " g1 g2" : "") +
            (request.badCertificate ? " bad" : "")));
        answer->send(std::move(response));
    }
    NoTrace trace_;
    RealEnv real_;
};

std::string get(const std::string& path) {
    return "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
}
std::string post(const std::string& path, const std::string& body,
                 const std::string& type = "application/json") {
    return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Type: " + type +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}
bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}
} // namespace

class HttpServerTest : public QObject {
    Q_OBJECT
  private slots:
    void keepsAliveAndPipelines();
    void readsBodies();
    void refusesWhatIsTooBig();
    void refusesGarbage();
    void endsSlowCallers();
    void survivesTruncatedRequests();
    void streams();
    void sendsBigAnswers();
    void forgottenAnswersEnd();
    void knowsCertificates();
    void limitsConnections();
    void manyIdleConnections();
    void stops();
};

void HttpServerTest::keepsAliveAndPipelines() {
    Served served;
    Caller caller(served.port);
    QVERIFY(caller.say(get("/1")) && has(caller.hear(), "GET /1 0"));
    QVERIFY(caller.say(get("/2") + get("/3") + post("/4", "{}")));
    QVERIFY(has(caller.hear(), "GET /2 0"));
    QVERIFY(has(caller.hear(), "GET /3 0"));
    QVERIFY(has(caller.hear(), "POST /4 2 json"));
    std::string many;
    for (int i = 0; i < 200; ++i) // more than may be open at once
        many += get("/n" + std::to_string(i));
    QVERIFY(caller.say(many));
    for (int i = 0; i < 200; ++i)
        QVERIFY(has(caller.hear(), "GET /n" + std::to_string(i) + " 0"));
    QVERIFY(caller.say("GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    QVERIFY(has(caller.hear(), "Connection: close"));
    QVERIFY(caller.ended());
}

void HttpServerTest::readsBodies() {
    Served served;
    Caller caller(served.port);
    QVERIFY(caller.say(post("/a", "{\"a\":") + "") && has(caller.hear(), "broken"));
    QVERIFY(caller.say(post("/a", "a: 1", "application/yaml")) && has(caller.hear(), " 4 json"));
    QVERIFY(caller.say(
        "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"));
    QVERIFY(caller.say("4\r\ndefg\r\n0\r\n\r\n") && has(caller.hear(), "POST /c 7"));
    QVERIFY(caller.say(
        "POST /d HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
    QVERIFY(has(caller.hearUntil("\r\n\r\n"), "100 Continue"));
    QVERIFY(caller.say("{}") && has(caller.hearUntil("POST /d 2"), "200"));
}

void HttpServerTest::refusesWhatIsTooBig() {
    Served served;
    {
        Caller caller(served.port);
        QVERIFY(caller.say(post("/a", std::string(150'000, 'x'))));
        QVERIFY(has(caller.hear(), "Request entity too large: limit is 100000"));
    }
    {
        Caller caller(served.port);
        QVERIFY(
            caller.say("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(8000, 'x') + "\r\n\r\n"));
        QVERIFY(has(caller.hear(), "431"));
    }
    Caller caller(served.port);
    QVERIFY(caller.say(get("/still")) && has(caller.hear(), "GET /still"));
}

void HttpServerTest::refusesGarbage() {
    Served served;
    Caller caller(served.port);
    QVERIFY(caller.say("\x01\x02 nonsense\r\n\r\n"));
    QVERIFY(has(caller.hear(), "400 Bad Request"));
}

void HttpServerTest::endsSlowCallers() {
    Served served;
    Caller head(served.port), body(served.port), idle(served.port);
    QVERIFY(head.say("GET / HTTP/1.1\r\nHo"));
    QVERIFY(body.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12"));
    QVERIFY(head.ended() && body.ended());
    QVERIFY(idle.say(get("/idle")) && has(idle.hear(), "GET /idle")); // silence alone is no crime
}

void HttpServerTest::survivesTruncatedRequests() {
    Served served;
    const std::string whole = post("/a", "{\"k\":\"v\"}");
    for (std::size_t size = 0; size < whole.size(); size += 7) {
        Caller caller(served.port);
        QVERIFY(size == 0 || caller.say(whole.substr(0, size)));
    }
    Caller caller(served.port);
    QVERIFY(caller.say(whole) && has(caller.hear(), "POST /a 9 json"));
}

void HttpServerTest::streams() {
    Served served;
    auto caller = std::make_unique<Caller>(served.port);
    QVERIFY(caller->say(get("/stream")));
    QVERIFY(has(caller->hearUntil("hello\n"), "Transfer-Encoding: chunked"));
    served.onPlane([&] { served.stream->write({Slice::constant("a"), Slice::constant("b")}); });
    QVERIFY(has(caller->hearUntil("2\r\nab\r\n"), "6\r\nhello\n\r\n"));
    served.onPlane([&] { served.stream->end(); });
    QVERIFY(has(caller->hearUntil("0\r\n\r\n"), "0\r\n\r\n"));
    QVERIFY(caller->say(get("/after")) && has(caller->hearUntil("GET /after 0"), "GET /after 0"));
    QVERIFY(caller->say(get("/stream")));
    caller->hearUntil("hello\n");
    caller.reset(); // goes away in the middle
    QTRY_COMPARE_WITH_TIMEOUT(served.closed.load(), 1, 5000);
}

void HttpServerTest::sendsBigAnswers() {
    Served served;
    Caller caller(served.port);
    QVERIFY(caller.say(get("/big")));
    const std::string answer = caller.hear();
    QVERIFY(answer.size() > 4'096'000);
    QCOMPARE(std::count(answer.begin(), answer.end(), 'x'), std::ptrdiff_t{4'096'000});
}

void HttpServerTest::forgottenAnswersEnd() {
    Served served;
    Caller caller(served.port);
    QVERIFY(caller.say(get("/forgotten")) && caller.ended());
}

void HttpServerTest::knowsCertificates() {
    Served served;
    const pki::KeyPair known = served.identity(served.authority, "alice");
    const pki::KeyPair unknown = served.identity(served.stranger(), "mallory");
    Caller alice(served.port, &known), mallory(served.port, &unknown), nobody(served.port);
    QVERIFY(alice.say(get("/")) && has(alice.hear(), "GET / 0 alice g1 g2"));
    QVERIFY(mallory.connected() && mallory.say(get("/")));
    const std::string answer = mallory.hear();
    QVERIFY(has(answer, "GET / 0 bad") && !has(answer, "mallory"));
    QVERIFY(nobody.say(get("/")) && !has(nobody.hear(), "bad"));
}

void HttpServerTest::limitsConnections() {
    Served served;
    std::vector<std::unique_ptr<Caller>> callers;
    for (int i = 0; i < 50; ++i)
        callers.push_back(std::make_unique<Caller>(served.port));
    QTRY_COMPARE(served.server->connections(), 50);
    Caller further(served.port);
    QVERIFY(has(further.hear(), "503 Service Unavailable"));
    QVERIFY(callers[0]->say(get("/in")) && has(callers[0]->hear(), "GET /in"));
}

void HttpServerTest::manyIdleConnections() {
    HttpLimits limits;
    Served served(limits);
    std::vector<std::unique_ptr<Caller>> callers;
    for (int i = 0; i < 300; ++i)
        callers.push_back(std::make_unique<Caller>(served.port));
    for (const auto& caller : callers)
        QVERIFY(caller->say(get("/x")));
    for (const auto& caller : callers)
        QVERIFY(has(caller->hear(), "GET /x 0"));
}

void HttpServerTest::stops() {
    Served served;
    Caller idle(served.port), busy(served.port);
    QVERIFY(idle.say(get("/x")) && has(idle.hear(), "GET /x"));
    QVERIFY(busy.say(get("/stream")));
    busy.hearUntil("hello\n");
    std::atomic<bool> done = false;
    served.onPlane([&] { served.server->stop(std::chrono::seconds(5), [&done] { done = true; }); });
    QVERIFY(idle.ended());
    QVERIFY(!done);
    served.onPlane([&] { served.stream->end(); });
    QVERIFY(busy.ended());
    QTRY_VERIFY(done);
}

ORRERY_TEST(HttpServerTest)
#include "http_server_test.moc"
